/** The PostgreSQL into which the platform exports: somebody else's, so it is only read, with limits, and nothing waits there for us. */
import {
  asPsqlMeansIt,
  endsWhenDead,
  explainConnectionFailure,
  messageOf,
  PermanentError,
  type ExportConfiguration,
} from '@vidhuk/shared';
import pg, { type ClientBase } from 'pg';

/** ms. */
const statementMs = 120_000;
/** What a statement may take there; in the transaction, for a pooler may stand in between, and does not matter here. */
const limits = `set local statement_timeout = ${statementMs}; set local lock_timeout = '2s'; set local idle_in_transaction_session_timeout = '300s';
  set local timezone = 'UTC'; set local datestyle = 'ISO'`;

export interface ExportDatabase {
  /** Runs `work` in a transaction that reads only. */
  read<T>(work: (client: ClientBase) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** No `PostgresClient`: nothing of the session matters that a pooler would leave out. */
export const connectionOf = (database: string): pg.ClientConfig => ({
  connectionString: asPsqlMeansIt(database),
  connectionTimeoutMillis: 5_000,
  ...endsWhenDead(statementMs),
  application_name: 'vidhuk reconcile',
});

/** Rejects with a `PermanentError` where it cannot be reached. */
export async function openExportDatabase(source: string, { database }: ExportConfiguration): Promise<ExportDatabase> {
  const client = new pg.Client(connectionOf(database));
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
        await client.query(limits);
        return await work(client);
      } finally {
        await client.query('rollback').catch(() => undefined);
      }
    },
    close: () => client.end().catch(() => undefined),
  };
}
