/** The transaction: several parsed batches into log, projections and quarantine, all or nothing. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { Activity, Rejection } from '../activity/activity.js';
import { inTransaction } from '../db/transaction.js';
import { activityRows, insertActivities } from '../db/sql/insert-activities.js';
import { insertBatches } from '../db/sql/insert-batches.js';
import { insertRejections } from '../db/sql/insert-rejections.js';
import { updateContactFlags } from '../db/sql/update-contact-flags.js';
import { channelRows, upsertContactChannelStatus } from '../db/sql/upsert-contact-channel-status.js';
import { contactRows, upsertContactStatus } from '../db/sql/upsert-contact-status.js';
import type { Planner } from '../follow-up/planner.js';
import { foldActivities } from './fold.js';
import { slicesOf } from '../db/slices.js';

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

  // Before the transaction begins: whatever it waits for keeps others waiting for its contacts.
  const encoded = {
    activities: activityRows.encodeInSlices(activities),
    contacts: contactRows.encodeInSlices(fold.contacts),
    channels: channelRows.encodeInSlices(fold.channels),
  };

  let planned: ReadonlySet<string> = new Set();
  const outcomes = await inTransaction(dataSource, async (client) => {
    const fresh = new Set<string>();
    for (const slice of encoded.activities) for (const key of await insertActivities(client, slice)) fresh.add(key);
    for (const slice of slicesOf(rejections)) await insertRejections(client, slice);
    const outcomes = countOutcomes(batches, bringers, fresh);
    await insertBatches(
      client,
      batches.map((batch, index) => batchRow(batch, outcomes[index])),
    );
    // Contacts last: they are what transactions meet in, and they are locked from here to the commit.
    const before = await planner?.before(client, fold);
    for (const slice of encoded.contacts) await upsertContactStatus(client, slice); // before channels: it locks the contacts, in order
    for (const slice of encoded.channels) {
      const mayTurn = await upsertContactChannelStatus(client, slice);
      for (const contacts of slicesOf(mayTurn)) await updateContactFlags(client, contacts);
    }
    if (fresh.size > 0 && planner !== undefined)
      planned = await planner.plan(
        client,
        activities.map(({ activity }) => activity).filter(({ key }) => fresh.has(key)),
        before,
      );
    await also(client);
    return outcomes;
  });
  planner?.announce(planned);
  return outcomes;
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
