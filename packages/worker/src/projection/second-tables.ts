/** A rebuild's second set of the tables that follow from the bodies has a schema of its own; the statements of the feed fill it, sent by connections that are redirected. */
import type { ClientBase } from 'pg';
import { logEarliest } from './sql/log-activities.js';
import { batchesLock, rebuildLock } from './sql/tombstones.js';

export const secondSchema = 'vidhuk_rebuild';
/** Where the tables go that were replaced, for a moment. */
export const replacedSchema = 'vidhuk_replaced';

/** Those that take the places of the tables; partitions come with them. */
export const swappedTables = ['activity', 'contact_status', 'contact_channel_status'] as const;
/** Those that the statements of the feed write beside. */
export const besideTables = [
  'batch',
  'rejected_activity',
  'contact_floor', // stays empty but for what bodies tell from before the horizon, which is in the floors already
  'contact_channel_floor',
] as const;

const theirNames = new RegExp(`\\bvidhuk\\.(${[...swappedTables, ...besideTables].join('|')})\\b(?!_)`, 'g');

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
  const { text, name } = given as Partial<Statement>;
  if (typeof text !== 'string' || 'submit' in (given as object)) return given;
  if (name === logEarliest.insteadOf)
    return { ...(given as Statement), name: logEarliest.name, text: toSecond(logEarliest.text) };
  return { ...(given as Statement), text: toSecond(text) };
}

/** The lock of batches too: while all others wait at the end, these go on. */
export const toSecond = (sql: string): string =>
  sql.replace(theirNames, `${secondSchema}.$1`).replace(`'${batchesLock}'`, `'${rebuildLock}'`);

/** Whether a rebuild is making this table now. */
export async function isRebuilt(client: Pick<ClientBase, 'query'>, table: string): Promise<boolean> {
  const { rows } = await client.query<{ present: boolean }>('select to_regclass($1) is not null as present', [
    `${secondSchema}.${table}`,
  ]);
  return rows[0]?.present === true;
}
