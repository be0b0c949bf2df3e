/** A second set of the tables that follow from the bodies, in a schema of its own; the same statements fill it, sent by connections that are redirected. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../db/transaction.js';
import { batchesLock } from '../projection/sql/tombstones.js';

export const secondSchema = 'vidhuk_rebuild';

/** All that follows from the bodies, and the batches, which tell how far it is. Everything else is read where it is. */
const tables = [
  'batch',
  'activity',
  'rejected_activity',
  'contact_status',
  'contact_channel_status',
  'contact_floor', // empty: what a body tells from before the horizon is in the floors that are there already
  'contact_channel_floor',
];
const theirNames = new RegExp(`\\bvidhuk\\.(${tables.join('|')})\\b(?!_)`, 'g');

/** Makes them anew, empty, without a log of their own: what is lost in a crash is made again. */
export function makeSecondTables(dataSource: DataSource): Promise<void> {
  return inTransaction(dataSource, async (client) => {
    await client.query(`drop schema if exists ${secondSchema} cascade`);
    await client.query(`create schema ${secondSchema}`);
    for (const table of tables)
      await client.query(`create unlogged table ${secondSchema}.${table} (like vidhuk.${table} including all)`);
  });
}

export async function dropSecondTables(dataSource: DataSource): Promise<void> {
  await dataSource.query(`drop schema if exists ${secondSchema} cascade`);
}

interface Statement {
  text: string;
  name?: string;
}

/** Whatever is sent on this connection goes to the second tables. */
export function redirect(client: ClientBase): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;
  const redirected = (given: unknown, ...rest: unknown[]) => query(elsewhere(given), ...rest);
  Object.assign(client, { query: redirected });
}

function elsewhere(given: unknown): unknown {
  if (typeof given === 'string') return toSecond(given);
  const { text } = given as Partial<Statement>;
  if (typeof text !== 'string' || 'submit' in (given as object)) return given;
  return { ...(given as Statement), text: toSecond(text) };
}

/** The lock of batches too: while all others wait at the end, these go on. */
const toSecond = (sql: string): string =>
  sql.replace(theirNames, `${secondSchema}.$1`).replace(`'${batchesLock}'`, `'${secondSchema}'`);
