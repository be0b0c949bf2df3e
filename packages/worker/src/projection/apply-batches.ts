/** The transaction: several parsed batches into log, statuses and quarantine, all or nothing. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inOneGo, oneByOne } from '../db/in-one-go.js';
import { learnTypes } from '../db/rows/row-array.js';
import { slicesOf } from '../db/slices.js';
import { inTransaction } from '../db/transaction.js';
import type { Batch, BatchOutcome } from './batch.js';
import { batchRowsOf, countOutcomes } from './count-outcomes.js';
import { planNothing, type FollowUpPlanner, type PlanFollowUps } from './follow-up-planner.js';
import { prepareRows, type PreparedRows } from './prepare-rows.js';
import { activityRows, insertActivities, type BroughtActivity } from './sql/insert-activities.js';
import { batchRows, insertBatches, type BatchRow } from './sql/insert-batches.js';
import { insertRejections } from './sql/insert-rejections.js';
import { updateContactFlags } from './sql/update-contact-flags.js';
import { channelRows, upsertContactChannelStatus, type ContactKey } from './sql/upsert-contact-channel-status.js';
import { contactRows, upsertContactStatus } from './sql/upsert-contact-status.js';

/**
 * Applies `batches` in one transaction and gives an outcome for each, in order. Applying one again changes nothing: the columns of the
 * statuses are maxima, the log has a unique key. `also` runs last, inside the transaction; `planner` plans the follow-ups of what was new.
 * Rejects with the driver's error; then nothing was changed.
 */
export async function applyBatches(
  dataSource: DataSource,
  batches: readonly Batch[],
  also: (client: ClientBase) => Promise<void> = () => Promise.resolve(),
  planner: FollowUpPlanner = planNothing,
): Promise<BatchOutcome[]> {
  const rows = prepareRows(batches);
  const { outcomes, planned } = await inTransaction(dataSource, async (client) => {
    await learnTypes(client, [activityRows, contactRows, channelRows, batchRows]);
    const projected = await logAndProject(client, rows, planner);
    const outcomes = countOutcomes(batches, projected.fresh);
    const planned = await recordAndPlan(client, rows, projected, batchRowsOf(batches, outcomes));
    await also(client);
    return { outcomes, planned };
  });
  planner.announce(planned);
  return outcomes;
}

interface Projected {
  /** The brought activities that were new to the log. */
  fresh: BroughtActivity[];
  /** Contacts of which a flag may turn: a channel has changed. */
  mayTurn: ContactKey[];
  plan: PlanFollowUps;
}

/** The log first: whoever has the same activities waits for it before anything else is locked. Then contacts, in order, then their channels. */
async function logAndProject(client: ClientBase, rows: PreparedRows, planner: FollowUpPlanner): Promise<Projected> {
  const send = rows.fitsInOneGo ? inOneGo : oneByOne;
  const [keys, , plan, , mayTurn] = await send([
    () => eachSlice(rows.activities, (slice) => insertActivities(client, slice)),
    () => eachSlice(rows.rejections, (slice) => insertRejections(client, slice)),
    () => planner.before(client, rows.fold),
    () => eachSlice(rows.contacts, (slice) => upsertContactStatus(client, slice)),
    () => eachSlice(rows.channels, (slice) => upsertContactChannelStatus(client, slice)),
  ]);
  const freshKeys = new Set(keys.flat());
  return { fresh: rows.brought.filter(({ activity }) => freshKeys.has(activity.key)), mayTurn: mayTurn.flat(), plan };
}

/** What needed to know what was new: the batches with their counts, the contacts' flags, the follow-ups. Gives the actions that got work. */
async function recordAndPlan(
  client: ClientBase,
  { fitsInOneGo }: PreparedRows,
  { fresh, mayTurn, plan }: Projected,
  batches: readonly BatchRow[],
): Promise<ReadonlySet<string>> {
  const send = fitsInOneGo ? inOneGo : oneByOne;
  const [, , planned] = await send([
    () => insertBatches(client, batches),
    () => eachSlice(slicesOf(mayTurn), (contacts) => updateContactFlags(client, contacts)),
    () => (fresh.length === 0 ? Promise.resolve(new Set<string>()) : plan(fresh.map(({ activity }) => activity))),
  ]);
  return planned;
}

async function eachSlice<Slice, Answer>(slices: Iterable<Slice>, send: (slice: Slice) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const slice of slices) answers.push(await send(slice));
  return answers;
}
