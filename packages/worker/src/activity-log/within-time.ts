/** A question that may take too long: it changes nothing, and PostgreSQL ends it in time. */
import type { DataSource } from 'typeorm';
import { inTransaction } from '../db/transaction.js';

/** What PostgreSQL takes: `statement_timeout` is an integer of ms. */
const longestMs = 2 ** 31 - 1;

/** The rows of one statement; rejects with error 57014 after `timeoutMs`. */
export function rowsWithinTime<Row extends object>(
  dataSource: DataSource,
  timeoutMs: number,
  sql: string,
  values: readonly unknown[],
): Promise<Row[]> {
  return inTransaction(dataSource, async (client) => {
    await client.query('set transaction read only');
    const limitMs = Math.min(Math.ceil(timeoutMs), longestMs);
    await client.query(`set local statement_timeout = ${limitMs}`);
    // The driver's own limit, which is for a server that says nothing, must not come first.
    const question = { text: sql, values: [...values], query_timeout: Math.min(limitMs + 5_000, longestMs) };
    const { rows } = await client.query<Row>(question);
    return rows;
  });
}
