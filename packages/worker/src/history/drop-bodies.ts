/** Bodies that have been kept for long enough: names and addresses, which only they tell, go into the floors, the bytes go. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Configuration } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { parseBatch } from '../activity/parse-batch.js';
import { parseContextOf } from '../activity/parse-context.js';
import { onConnection } from '../db/on-connection.js';
import { inTransaction } from '../db/transaction.js';
import { foldActivities } from '../projection/fold.js';
import { upsertFloorNames } from '../projection/sql/upsert-floors.js';
import { byBytes, type FoundBody } from './sql/bodies-of.js';
import { atLoggedTimes } from './sql/logged-times.js';
import { partitionsOf } from './sql/partitions-of.js';

/** Batches that are looked for at once. */
const pageSize = 1_000;
/** ms between two steps, in which others have the disk. */
const pauseMs = 10;
/** What an emptied month may keep outside of its rows. */
const littleBytes = 2 ** 20;

interface Parts {
  dataSource: DataSource;
  sources: Configuration['sources'];
}

/** Those received before `horizon`; gives how many. Rows that others hold are left for later. */
export async function dropBodies(parts: Parts, horizon: Date, signal: AbortSignal): Promise<number> {
  const { dataSource } = parts;
  let dropped = 0;
  for (;;) {
    const page = await dataSource.query<{ id: string; bytes: number }[]>(
      `select id, bytes from vidhuk.batch where received_at < $1 and body is not null limit ${pageSize}`,
      [horizon.toISOString()],
    );
    let ofPage = 0;
    for (const group of byBytes(page)) {
      if (signal.aborted) return dropped + ofPage;
      ofPage += await inTransaction(dataSource, (client) => dropGroup(client, group, parts.sources, horizon));
      await sleep(pauseMs);
    }
    dropped += ofPage;
    if (ofPage === 0 || page.length < pageSize) break;
  }
  await giveBack(dataSource, horizon);
  return dropped;
}

async function dropGroup(
  client: ClientBase,
  group: readonly { id: string }[],
  sources: Parts['sources'],
  horizon: Date,
): Promise<number> {
  const { rows } = await client.query<FoundBody>(
    `select id, source, received_at as "receivedAt", body from vidhuk.batch
     where id = any($1::uuid[]) and received_at < $2 and body is not null for update skip locked`,
    [group.map(({ id }) => id), horizon.toISOString()],
  );
  const told = rows.flatMap(
    ({ source, receivedAt, body }) =>
      parseBatch(body, { ...parseContextOf(sources, source, receivedAt.getTime()), stubs: true }).activities,
  );
  // By the time that the log has: the configuration's time zone may have changed since.
  await upsertFloorNames(client, foldActivities(await atLoggedTimes(client, told)));
  await client.query('update vidhuk.batch set body = null where id = any($1::uuid[]) and received_at < $2', [
    rows.map(({ id }) => id),
    horizon.toISOString(),
  ]);
  return rows.length;
}

/** A month in which no body is left gives its room back to the disk: no new rows come that could use it. */
async function giveBack(dataSource: DataSource, horizon: Date): Promise<void> {
  for (const { name, month, toastBytes } of await partitionsOf(dataSource, 'batch')) {
    if (month === null || month.to > horizon || toastBytes < littleBytes) continue;
    await onConnection(dataSource, async (client) => {
      await client.query('set statement_timeout = 0');
      try {
        await client.query(`vacuum vidhuk.${name}`);
      } finally {
        await client.query('reset statement_timeout');
      }
    });
  }
}
