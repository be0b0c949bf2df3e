/**
 * Activities whose bodies are gone, because retention has dropped them: what the log has of them is kept as it is, with its time, and goes through the same
 * projection. Names and addresses, which only bodies tell, are kept where the statuses say that such an activity has told them.
 */
import type { Activity } from '../../activity/activity.js';
import { learnTypes } from '../../db/rows/row-array.js';
import { inTransaction } from '../../db/transaction.js';
import type { Batch } from '../../projection/batch.js';
import { foldActivities, type ChannelRow } from '../../projection/fold.js';
import { isAboutContact } from '../../projection/rules.js';
import { channelRows, upsertContactChannelStatus } from '../../projection/sql/upsert-contact-channel-status.js';
import { secondProjector } from './project-bodies.js';
import {
  listBodiless,
  readKnownNames,
  readLogged,
  readLoggedOf,
  type After,
  type KnownNames,
  type LoggedRow,
} from './sql/kept-log.js';
import { sliceElements } from './sql/slices.js';
import type { SliceParts } from './slice-parts.js';

/** Of a stretch of the log. */
export async function keepLogged(
  parts: SliceParts,
  range: { first: string; last: string },
  source: string | null,
): Promise<void> {
  const batches = await listBodiless(parts.dataSource, range, source);
  if (batches.length === 0) return;
  for (let after: After = ['-infinity', '00000000-0000-0000-0000-000000000000']; ;) {
    const rows = await readLogged(parts.dataSource, range, batches, after, sliceElements);
    await projectLogged(parts, rows);
    const last = rows.at(-1);
    if (last === undefined || rows.length < sliceElements) return;
    after = [last.occurredAt.toISOString(), last.key];
  }
}

/** Of some batches, whose bodies went while they were to be read. */
export async function keepLoggedOf(parts: SliceParts, batchIds: readonly string[]): Promise<void> {
  await projectLogged(parts, await readLoggedOf(parts.dataSource, batchIds));
}

async function projectLogged(parts: SliceParts, rows: readonly LoggedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const known = await namesOf(parts, rows);
  const byBatch = new Map<string, LoggedRow[]>();
  for (const row of rows) byBatch.set(row.batchId, [...(byBatch.get(row.batchId) ?? []), row]);
  const batches = [...byBatch.values()].flatMap((told): Batch[] => {
    const [first] = told;
    if (first === undefined) return [];
    const activities = told.map((row) => activityOf(row, known.get(keyOf(row))));
    const { batchId: id, source } = first;
    return [
      {
        ...{ id, source, origin: 'webhook', receivedAt: new Date(0), body: Buffer.alloc(0), bodyElsewhere: true },
        ...{ total: activities.length, activities, rejections: [] },
      },
    ];
  });
  await secondProjector(parts).project(batches);
  await keepFormerAddresses(parts, batches, known);
}

const keyOf = ({ source, contactId }: { source: string; contactId: number | null }): string => `${source} ${contactId}`;

async function namesOf({ dataSource }: SliceParts, rows: readonly LoggedRow[]): Promise<Map<string, KnownNames>> {
  const contacts = new Map(
    rows.flatMap(({ source, contactId }) => (contactId === null ? [] : [[keyOf({ source, contactId }), { source, contactId }]])),
  );
  const names = contacts.size === 0 ? [] : await readKnownNames(dataSource, [...contacts.values()]);
  return new Map(names.map((each) => [keyOf(each), each]));
}

/** With the names that its contact has since the very time of this activity. */
function activityOf({ batchId: _, occurredAt, ...row }: LoggedRow, known: KnownNames | undefined): Activity {
  const at = occurredAt.getTime();
  const told = (value: string | null | undefined, since: Date | string | null | undefined): string | null =>
    value !== undefined && since != null && new Date(since).getTime() === at ? value : null;
  const channel = known?.channels.find(({ mediaType }) => mediaType === row.mediaType);
  return {
    ...row,
    occurredAt: at,
    email: told(known?.email, known?.emailAt),
    phone: told(known?.phone, known?.phoneAt),
    externalCustomerId: told(known?.externalCustomerId, known?.externalCustomerIdAt),
    address: told(channel?.address, channel?.addressAt),
    messageName: null,
    messageTags: [],
  };
}

/** Which activity told a former address nobody knows: those of a channel stay where one of its activities is kept without a body. */
async function keepFormerAddresses(
  { second }: SliceParts,
  batches: readonly Batch[],
  known: ReadonlyMap<string, KnownNames>,
): Promise<void> {
  const activities = batches.flatMap((batch) => batch.activities).filter((activity) => !isAboutContact(activity));
  const channels = foldActivities(activities).channels.flatMap((row): ChannelRow[] => {
    const { formerAddresses = null } = known.get(keyOf(row))?.channels.find(({ mediaType }) => mediaType === row.mediaType) ?? {};
    return formerAddresses === null ? [] : [{ ...row, formerAddresses }];
  });
  if (channels.length === 0) return;
  await inTransaction(second, async (client) => {
    await learnTypes(client, [channelRows]);
    for (const slice of channelRows.encodeInSlices(channels)) await upsertContactChannelStatus(client, slice);
  });
}
