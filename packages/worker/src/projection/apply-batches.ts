/** The transaction: several parsed batches into log, projections and quarantine, all or nothing. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { Activity, Rejection } from '../activity/activity.js';
import { inOneGo, oneByOne } from '../db/in-one-go.js';
import { inTransaction } from '../db/transaction.js';
import { activityRows, insertActivities } from '../db/sql/insert-activities.js';
import { batchRows, insertBatches } from '../db/sql/insert-batches.js';
import { insertRejections } from '../db/sql/insert-rejections.js';
import { learnTypes } from '../db/sql/row-array.js';
import { updateContactFlags } from '../db/sql/update-contact-flags.js';
import { channelRows, upsertContactChannelStatus } from '../db/sql/upsert-contact-channel-status.js';
import { contactRows, upsertContactStatus } from '../db/sql/upsert-contact-status.js';
import type { Planner } from '../follow-up/planner.js';
import { foldActivities } from './fold.js';
import { slicesOf } from '../db/slices.js';

/** Sent in one go, bodies are held several times over: as they came, as a row, and those that are refused as a rejection. */
const mostBytesInOneGo = 8 * 2 ** 20;

export interface Batch {
  /** UUID version 7. */
  id: string;
  source: string;
  receivedAt: Date;
  /** As received. */
  body: Buffer;
  total: number;
  activities: readonly Activity[];
  rejections: readonly Rejection[];
}

/** What became of one batch's elements: new + duplicate + rejected = total. */
export interface BatchOutcome {
  new: number;
  duplicate: number;
  rejected: number;
}

/**
 * Applies `batches` in one transaction and gives an outcome for each, in order. Applying one again changes nothing: the columns of the
 * projections are maxima, the log has a unique key. `also` runs last, inside the transaction; `planner` plans the follow-ups of what was new.
 * Rejects with the driver's error; then nothing was changed.
 */
export async function applyBatches(
  dataSource: DataSource,
  batches: readonly Batch[],
  also: (client: ClientBase) => Promise<void> = () => Promise.resolve(),
  planner?: Planner,
): Promise<BatchOutcome[]> {
  // The first batch that has an activity brings it; what comes again behind it is a duplicate.
  const bringers = new Map<string, { batchId: string; activity: Activity }>();
  for (const batch of batches) {
    for (const activity of batch.activities)
      if (!bringers.has(activity.key)) bringers.set(activity.key, { batchId: batch.id, activity });
  }
  // In the order in which the log takes them: two transactions with the same ones wait for each other instead of deadlocking.
  const activities = [...bringers.values()].sort((a, b) => byTimeAndKey(a.activity, b.activity));
  // Duplicates too: one identity may come with more fields by one road than by another, and no split into transactions may show.
  const fold = foldActivities(batches.flatMap((batch) => batch.activities));
  const rejections = batches.flatMap(({ id, source, rejections }) =>
    rejections.map((rejection) => ({ source, batchId: id, rejection })),
  );
  const refused = slicesOf(rejections);

  // Before the transaction begins: whatever it waits for keeps others waiting for its contacts.
  const encoded = {
    activities: activityRows.encodeInSlices(activities),
    contacts: contactRows.encodeInSlices(fold.contacts),
    channels: channelRows.encodeInSlices(fold.channels),
  };
  const bodyBytes = batches.reduce((sum, { body }) => sum + body.length, 0);
  const isUsual = Object.values(encoded).every(Array.isArray) && refused.length <= 1 && bodyBytes <= mostBytesInOneGo;
  const send = isUsual ? inOneGo : oneByOne;

  let planned: ReadonlySet<string> = new Set();
  const outcomes = await inTransaction(dataSource, async (client) => {
    await learnTypes(client, [activityRows, contactRows, channelRows, batchRows]);
    // The log first: whoever has the same activities waits for it before anything else is locked.
    const [keys, , before, , mayTurn] = await send([
      () => eachSlice(encoded.activities, (slice) => insertActivities(client, slice)),
      () => eachSlice(refused, (slice) => insertRejections(client, slice)),
      () => planner?.before(client, fold) ?? Promise.resolve(undefined),
      () => eachSlice(encoded.contacts, (slice) => upsertContactStatus(client, slice)), // before channels: it locks the contacts, in order
      () => eachSlice(encoded.channels, (slice) => upsertContactChannelStatus(client, slice)),
    ]);
    const fresh = new Set(keys.flat());
    const outcomes = countOutcomes(batches, bringers, fresh);
    const news = activities.map(({ activity }) => activity).filter(({ key }) => fresh.has(key));
    [, , planned] = await send([
      () =>
        insertBatches(
          client,
          batches.map((batch, index) => batchRow(batch, outcomes[index])),
        ),
      () => eachSlice(slicesOf(mayTurn.flat()), (contacts) => updateContactFlags(client, contacts)),
      () => (news.length === 0 ? undefined : planner?.plan(client, news, before)) ?? Promise.resolve(new Set<string>()),
    ]);
    await also(client);
    return outcomes;
  });
  planner?.announce(planned);
  return outcomes;
}

async function eachSlice<Slice, Answer>(slices: Iterable<Slice>, send: (slice: Slice) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const slice of slices) answers.push(await send(slice));
  return answers;
}

const byTimeAndKey = (a: Activity, b: Activity): number =>
  a.occurredAt - b.occurredAt || (a.key < b.key ? -1 : Number(a.key > b.key));

function countOutcomes(
  batches: readonly Batch[],
  bringers: ReadonlyMap<string, { batchId: string }>,
  fresh: ReadonlySet<string>,
): BatchOutcome[] {
  const news = new Map<string, number>();
  for (const [key, { batchId }] of bringers) if (fresh.has(key)) news.set(batchId, (news.get(batchId) ?? 0) + 1);
  return batches.map(({ id, activities, rejections }) => {
    const brought = news.get(id) ?? 0;
    return { new: brought, duplicate: activities.length - brought, rejected: rejections.length };
  });
}

function batchRow(batch: Batch, outcome: BatchOutcome = { new: 0, duplicate: 0, rejected: 0 }) {
  const { id, source, receivedAt, body, total } = batch;
  const worthKeeping = outcome.new > 0 || outcome.rejected > 0;
  return { id, source, receivedAt, body: worthKeeping ? body : null, bytes: body.length, total, ...outcome };
}
