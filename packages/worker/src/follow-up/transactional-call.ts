/** Handlers with `transaction`: their effects in the database and the end of their rows are one, so both happen exactly once. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { failureKind } from '../db/failure.js';
import { finishFollowUps } from './sql/finish-follow-ups.js';
import { inTransaction } from '../db/transaction.js';
import type { Database } from '../handlers/handler.js';
import type { CallResult } from './call-result.js';

/**
 * Runs `call` in a transaction in which no statement takes longer than `timeoutMs`; `next` as in `finishFollowUps`. Gives what is left to record: what `refused` makes of it where
 * the handler did its work and the database refuses that. Gives `other rows`, with nothing changed, when others than were loaded are left: some were
 * cancelled, or finished by another worker that has the same job. Rejects, with nothing changed, when the database is away.
 */
export async function callInTransaction(
  dataSource: DataSource,
  { timeoutMs, next }: { timeoutMs: number; next: number },
  call: (db: Database) => Promise<CallResult>,
  refused: (error: unknown) => CallResult,
): Promise<CallResult | 'other rows' | null> {
  let result: CallResult | undefined;
  try {
    await inLimitedTransaction(dataSource, timeoutMs, async (db, client) => {
      result = await call(db);
      if (result.failed) throw new TakenBack();
      if ((await finishFollowUps(client, result.rows, next)) < result.rows.length) throw new NotOurs();
    });
  } catch (error) {
    if (error instanceof NotOurs) return 'other rows';
    if (result === undefined) throw error;
    if (error instanceof TakenBack) return result;
    if (isRefusal(error)) return refused(error);
    throw error;
  }
  return result === undefined ? null : { ...result, rows: [] };
}

/** A transaction in which no statement takes longer than `timeoutMs`, and all of it as a handler gets it. */
export function inLimitedTransaction(
  dataSource: DataSource,
  timeoutMs: number,
  work: (db: Database, client: ClientBase) => Promise<void>,
): Promise<void> {
  return inTransaction(dataSource, async (client) => {
    await client.query(`select set_config('statement_timeout', $1, true)`, [String(timeoutMs)]);
    await work(
      {
        query: async <Row>(sql: string, values: readonly unknown[] = []) => (await client.query(sql, [...values])).rows as Row[],
      },
      client,
    );
  });
}

class TakenBack extends Error {}
class NotOurs extends Error {}

/** Refused data, at the latest by the commit; or a handler that went on after a statement of its had failed (25P02, in_failed_sql_transaction). */
const isRefusal = (error: unknown): boolean =>
  failureKind(error) === 'data' || (error instanceof Error && 'code' in error && error.code === '25P02');
