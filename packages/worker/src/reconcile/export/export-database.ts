/** The PostgreSQL into which the platform exports: somebody else's, so it is only read, with limits, and nothing waits there for us. */
import { explainConnectionFailure, messageOf, PermanentError, PostgresClient, type ExportConfiguration } from '@vidhuk/shared';
import type { ClientBase } from 'pg';

/** What a statement may take there, and that it may not write. */
const session = {
  statement_timeout: '120s',
  lock_timeout: '2s',
  idle_in_transaction_session_timeout: '300s',
  default_transaction_read_only: 'on',
};

export interface ExportDatabase {
  /** Runs `work` in a transaction that reads only. */
  read<T>(work: (client: ClientBase) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Rejects with a `PermanentError` where it cannot be reached. */
export async function openExportDatabase(source: string, { database }: ExportConfiguration): Promise<ExportDatabase> {
  const client = new PostgresClient({
    connectionString: database,
    connectionTimeoutMillis: 5_000,
    query_timeout: 130_000,
    keepAlive: true,
    application_name: 'vidhuk reconcile',
    session,
  });
  client.on('error', () => undefined); // the statement under way tells
  try {
    await client.connect();
  } catch (error) {
    const failure = explainConnectionFailure(error, database, `sources.${source}.export.database`);
    throw new PermanentError(messageOf(failure), { cause: error });
  }
  return {
    async read(work) {
      await client.query('begin transaction isolation level repeatable read read only');
      try {
        return await work(client);
      } finally {
        await client.query('rollback').catch(() => undefined);
      }
    },
    close: () => client.end().catch(() => undefined),
  };
}
