/** The bodies of batches, as an erasure goes through them. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { Activity } from '../../../activity/activity.js';
import { isRebuilt, toSecond } from '../../../projection/second-tables.js';

const pageSize = 1_000;

/** The next batches behind `after`, in order of their ids, those with a body of this source; `last`: where to go on, `undefined` at the end. */
export async function listBatches(
  dataSource: DataSource,
  source: string,
  after: string,
): Promise<{ batches: { id: string; bytes: number }[]; last: string | undefined }> {
  const rows = await dataSource.query<{ id: string; bytes: number; wanted: boolean }[]>(
    `select id, bytes, source = $1 and body is not null as wanted from vidhuk.batch where id > $2 order by id limit ${pageSize}`,
    [source, after],
  );
  return { batches: rows.filter(({ wanted }) => wanted), last: rows.length < pageSize ? undefined : rows.at(-1)?.id };
}

/** Those of the batches whose body holds one of `hints`; they are locked. */
export async function readBodiesWith(
  client: ClientBase,
  ids: readonly string[],
  hints: readonly Buffer[],
): Promise<{ id: string; receivedAt: Date; body: Buffer }[]> {
  const { rows } = await client.query<{ id: string; receivedAt: Date; body: Buffer }>(
    `select id, received_at as "receivedAt", body from vidhuk.batch
     where id = any($1::uuid[]) and body is not null and exists (select from unnest($2::bytea[]) as hint where position(hint in body) > 0)
     order by id for update`,
    [ids, hints],
  );
  return rows;
}

export async function writeBody(client: ClientBase, { id }: { id: string; receivedAt: Date }, body: Buffer): Promise<void> {
  await client.query('update vidhuk.batch set body = $2, bytes = $3 where id = $1', [id, body, body.length]);
}

/** A time zone of the source that was changed since moves a time by hours. */
const aroundMs = 2 * 86_400_000;

/** Takes out of the log, and of the one that a rebuild is making, whatever it says of these activities beyond that they happened. */
export async function blankActivities(client: ClientBase, activities: readonly Activity[]): Promise<void> {
  if (activities.length === 0) return;
  const times = activities.map(({ occurredAt }) => occurredAt);
  const values = [
    activities.map(({ key }) => key),
    new Date(Math.min(...times) - aroundMs),
    new Date(Math.max(...times) + aroundMs),
  ];
  await client.query(blank, values);
  if (await isRebuilt(client, 'activity')) await client.query(toSecond(blank), values);
}

const blank = `
  update vidhuk.activity set contact_id = null, iid = null, message_instance_id = null, workflow_instance_id = null, status_description = null, click_event_link = null, subscriptions = null
  where activity_key = any($1::uuid[]) and occurred_at between $2 and $3`;
