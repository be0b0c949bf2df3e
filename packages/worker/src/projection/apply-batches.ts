/** The transaction: several parsed batches into log, statuses and quarantine, all or nothing. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inOneGo, oneByOne } from '../db/in-one-go.js';
import { learnTypes } from '../db/rows/row-array.js';
import { slicesOf } from '../db/slices.js';
import { inTransaction } from '../db/transaction.js';
import type { Batch, BatchOutcome } from './batch.js';
import { batchRowsOf, countOutcomes, setAsideOf } from './count-outcomes.js';
import { expire } from './expire.js';
import { timeOf, type Fold } from './fold.js';
import { noWork, planNothing, type FollowUpPlanner, type PlanFollowUps, type PlannedWork } from './follow-up-planner.js';
import { repeatedBodies } from './kept-bodies.js';
import { prepareRows, type PreparedRows } from './prepare-rows.js';
import { activityRows, logActivities, type BroughtActivity } from './sql/log-activities.js';
import { batchRows, countSetAside, insertBatches, type BatchRow } from './sql/insert-batches.js';
import { insertRejections, rejectionRows } from './sql/insert-rejections.js';
import type { ContactKey } from './sql/contact-key.js';
import { decideFlags } from './sql/decide-flags.js';
import { holdGiant } from './sql/one-giant.js';
import { holdSourceSettings } from './sql/source-settings.js';
import { channelRows, upsertContactChannelStatus } from './sql/upsert-contact-channel-status.js';
import { contactRows, upsertContactStatus } from './sql/upsert-contact-status.js';
import { upsertFloors } from './sql/upsert-floors.js';
import { NewTombstones, Tombstones, type KnownTombstones } from './tombstones.js';

/**
 * Applies `batches` in one transaction and gives an outcome for each, in order. Applying one again changes nothing: the columns of the
 * statuses are maxima, the log has a unique key. `also` runs last, inside the transaction; `planner` plans the follow-ups of what was new; of people
 * for whom `tombstones` has one nothing is kept, and what is older than the log only moves statuses.
 * Rejects with the driver's error; then nothing was changed.
 */
export async function applyBatches(
  dataSource: DataSource,
  batches: readonly Batch[],
  also: (client: ClientBase) => Promise<void> = () => Promise.resolve(),
  planner: FollowUpPlanner = planNothing,
  tombstones = new Tombstones(),
): Promise<BatchOutcome[]> {
  for (;;) {
    try {
      return await applyLiving(dataSource, batches, also, planner, tombstones.known);
    } catch (error) {
      if (!(error instanceof NewTombstones)) throw error;
      await inTransaction(dataSource, (client) => tombstones.load(client));
    }
  }
}

/** As far as these tombstones tell who lives; rejects with {@link NewTombstones} where there are more of them. */
async function applyLiving(
  dataSource: DataSource,
  received: readonly Batch[],
  also: (client: ClientBase) => Promise<void>,
  planner: FollowUpPlanner,
  tombstones: KnownTombstones,
): Promise<BatchOutcome[]> {
  const batches = received.map((batch) => expire(tombstones.bury(batch), tombstones.horizon));
  const rows = prepareRows(batches, (fold) => planner.watched(fold));
  const { outcomes, planned } = await inTransaction(dataSource, async (client) => {
    if (rows.isGiant) await holdGiant(client);
    await learnTypes(client, [activityRows, contactRows, channelRows, batchRows, rejectionRows]);
    const projected = await logAndProject(client, rows, planner, tombstones);
    if (rows.floors !== null) await upsertFloors(client, rows.floors);
    const outcomes = countOutcomes(batches, projected.fresh);
    const repeated = await repeatedBodies(client, batches, outcomes);
    const { planned, inserted } = await recordAndPlan(client, rows, projected, batchRowsOf(batches, outcomes, repeated));
    const setAside = setAsideOf(batches, outcomes).filter(({ id }) => inserted.has(id)); // of others the first run has told
    await countSetAside(client, setAside);
    await also(client);
    return { outcomes, planned };
  });
  planner.announce(planned);
  return outcomes;
}

interface Projected {
  /** The brought activities that were new to the log. */
  fresh: BroughtActivity[];
  /** Those that it had, and of which it knows more now: another road had told less of them. */
  enriched: BroughtActivity[];
  /** Contacts of which a flag may turn. */
  mayTurn: ContactKey[];
  plan: PlanFollowUps;
}

/**
 * The log first: whoever has the same activities waits for it before anything else is locked. Then contacts, in order; those that the planner watches
 * are only locked, and change once it has seen them. Then their channels.
 */
async function logAndProject(
  client: ClientBase,
  rows: PreparedRows,
  planner: FollowUpPlanner,
  tombstones: KnownTombstones,
): Promise<Projected> {
  const send = rows.fitsInOneGo ? inOneGo : oneByOne;
  const bringers = new Map<string, string>();
  const [, , , contacts, plan, watched, channels] = await send([
    () => tombstones.hold(client),
    () => eachSlice(rows.activities, (slice) => logActivities(client, slice, bringers)),
    () => eachSlice(rows.rejections, (slice) => insertRejections(client, slice)),
    () => eachSlice(rows.contacts, (slice) => upsertContactStatus(client, slice)),
    () => planner.before(client, rows.watched),
    () => eachSlice(rows.watchedRows, (slice) => upsertContactStatus(client, slice)),
    () => eachSlice(rows.channels, (slice) => upsertContactChannelStatus(client, slice)),
  ]);
  const fresh: BroughtActivity[] = [];
  const enriched: BroughtActivity[] = [];
  for (const brought of rows.brought) {
    const bringer = bringers.get(brought.activity.key);
    if (bringer === undefined || rows.erased.has(brought.activity.key)) continue;
    (bringer === brought.batch.id ? fresh : enriched).push(brought);
  }
  return {
    fresh,
    enriched,
    mayTurn: eachOnce([...contacts.flat(), ...watched.flat(), ...channels.flat(), ...choosers(rows.fold)]),
    plan,
  };
}

/** What needed to know what was new: the batches with their counts, the contacts' flags, the follow-ups. */
async function recordAndPlan(
  client: ClientBase,
  { fitsInOneGo }: PreparedRows,
  { fresh, enriched, mayTurn, plan }: Projected,
  batches: readonly BatchRow[],
): Promise<{ planned: PlannedWork; inserted: ReadonlySet<string> }> {
  const send = fitsInOneGo ? inOneGo : oneByOne;
  const news = [...fresh, ...enriched];
  const [inserted, , , planned] = await send([
    () => insertBatches(client, batches),
    () => (mayTurn.length === 0 ? Promise.resolve() : holdSourceSettings(client)),
    () => eachSlice(slicesOf(mayTurn), (contacts) => decideFlags(client, contacts)),
    () => (news.length === 0 ? Promise.resolve(noWork) : plan(news)),
  ]);
  return { planned, inserted };
}

/** Who changed their subscriptions: that is about all of their channels. */
const choosers = ({ contacts }: Fold): ContactKey[] =>
  contacts
    .filter((row) => timeOf(row, 'opted_out_at') !== undefined || timeOf(row, 'resubscribed_at') !== undefined)
    .map(({ source, contactId }) => ({ source, contact_id: String(contactId) }));

const eachOnce = (keys: readonly ContactKey[]): ContactKey[] => [
  ...new Map(keys.map((key) => [`${key.source} ${key.contact_id}`, key])).values(),
];

async function eachSlice<Slice, Answer>(slices: Iterable<Slice>, send: (slice: Slice) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const slice of slices) answers.push(await send(slice));
  return answers;
}
