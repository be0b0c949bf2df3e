/** From parsed batches to the rows of one transaction. Pure, and done before the transaction begins: whatever that waits for keeps others waiting for its contacts. */
import type { Activity } from '../activity/activity.js';
import type { EncodedRows } from '../db/rows/row-array.js';
import { slicesByWeight } from '../db/slices.js';
import type { Batch } from './batch.js';
import { foldActivities, type ChannelRow, type ContactRow, type Fold } from './fold.js';
import { lockOnly } from './lock-only.js';
import { activityRows, type BroughtActivity } from './sql/log-activities.js';
import { weightOfRejection, type BatchRejection } from './sql/insert-rejections.js';
import { channelRows } from './sql/upsert-contact-channel-status.js';
import { contactRows } from './sql/upsert-contact-status.js';
import { uniteActivities } from './unite-activities.js';

/**
 * Sent in one go, bodies are held several times over: as they came, as a row, and those that are refused as a rejection. A longer body may also take
 * longer than the lock of its job holds.
 */
export const mostBytesInOneGo = 8 * 2 ** 20;

/** Of broken elements in one statement: the server holds what comes several times over. */
const mostRejectedBytes = 4 * 2 ** 20;

export interface PreparedRows {
  /** Each activity once, with the batch that brings it, in the order in which the log takes them. */
  brought: readonly BroughtActivity[];
  fold: Fold;
  /** Of what is in no log; null: nothing, as nearly always. */
  floors: Fold | null;
  /** Keys of those that are of erased people: logged only. */
  erased: ReadonlySet<string>;
  activities: Iterable<EncodedRows<BroughtActivity>>;
  /** All of them; the watched ones are only locked. */
  contacts: Iterable<EncodedRows<ContactRow>>;
  /** What was held back of `contacts`, for the planner to see those as they were. */
  watched: readonly ContactRow[];
  watchedRows: Iterable<EncodedRows<ContactRow>>;
  channels: Iterable<EncodedRows<ChannelRow>>;
  rejections: readonly (readonly BatchRejection[])[];
  /** Small enough to be held as statements at once. */
  fitsInOneGo: boolean;
  /** Bodies so large that only one of them goes into the database at a time. */
  isGiant: boolean;
}

/** `watchedOf`: the contacts that somebody has to see as they were, between their lock and their change. */
export function prepareRows(
  batches: readonly Batch[],
  watchedOf: (fold: Fold) => readonly ContactRow[] = () => [],
): PreparedRows {
  const brought = firstOfEach(batches).sort((a, b) => byTimeAndKey(a.activity, b.activity));
  // Duplicates too: one identity may come with more fields by one road than by another, and no split into transactions may show.
  // So do those from before the horizon, which the floors keep as well: they are in no log.
  const expired = batches.flatMap((batch) => batch.expired ?? []);
  const fold = foldActivities([...batches.flatMap((batch) => batch.activities), ...expired]);
  const watched = watchedOf(fold);
  const encoded = {
    activities: activityRows.encodeInSlices(brought),
    contacts: contactRows.encodeInSlices(heldBack(fold.contacts, watched)),
    watchedRows: contactRows.encodeInSlices(watched),
    channels: channelRows.encodeInSlices(fold.channels),
  };
  const rejections = slicesByWeight(batches.flatMap(rejectionsOf), weightOfRejection, mostRejectedBytes);
  const bodyBytes = batches.reduce((sum, { body, bodyElsewhere }) => sum + (bodyElsewhere ? 0 : body.length), 0);
  const isOneSlice = Object.values(encoded).every(Array.isArray) && rejections.length <= 1;
  const erased = new Set(batches.flatMap((batch) => (batch.erased ?? []).map(({ key }) => key)));
  const floors = expired.length === 0 ? null : foldActivities(expired);
  const isGiant = bodyBytes > mostBytesInOneGo;
  return { brought, fold, floors, erased, watched, ...encoded, rejections, fitsInOneGo: isOneSlice && !isGiant, isGiant };
}

/** In the same order, for that is the order of the locks. */
function heldBack(contacts: readonly ContactRow[], watched: readonly ContactRow[]): readonly ContactRow[] {
  if (watched.length === 0) return contacts;
  const held = new Set(watched);
  return contacts.map((contact) => (held.has(contact) ? lockOnly(contact) : contact));
}

/** The first batch that has an activity brings it; what comes again behind it is a duplicate, and may say more. */
function firstOfEach(batches: readonly Batch[]): BroughtActivity[] {
  const bringers = new Map<string, BroughtActivity>();
  for (const batch of batches) {
    for (const activity of batch.erased === undefined ? batch.activities : [...batch.activities, ...batch.erased]) {
      const known = bringers.get(activity.key);
      if (known === undefined) bringers.set(activity.key, { batch, activity });
      else known.activity = uniteActivities(known.activity, activity);
    }
  }
  return [...bringers.values()];
}

/** As the log takes them, each key once: two transactions with the same activities wait for each other instead of deadlocking. */
const byTimeAndKey = (a: Activity, b: Activity): number => a.occurredAt - b.occurredAt || (a.key < b.key ? -1 : 1);

const rejectionsOf = ({ id, source, rejections }: Batch): BatchRejection[] =>
  rejections.map((rejection) => ({ source, batchId: id, rejection }));
