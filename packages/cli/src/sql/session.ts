/** One connection as a person of support has it: reads only, in UTC, with an end to every statement. */
import { explainConnectionFailure, PostgresClient } from '@vidhuk/shared';
import pg from 'pg';

export interface Outcome {
  /** `SELECT`, `BEGIN` … */
  command: string;
  fields: readonly { name: string; type: number }[];
  /** Values as the server writes them; the first ones, up to the limit. */
  rows: (string | null)[][];
  /** How many there were. */
  total: number;
}

const settings = {
  search_path: 'vidhuk',
  statement_timeout: '60s',
  lock_timeout: '10s',
  idle_in_transaction_session_timeout: '600s',
  default_transaction_read_only: 'on',
};
const asWritten = { getTypeParser: () => (value: string) => value };

export class SqlSession {
  private constructor(
    private readonly client: PostgresClient,
    private readonly url: string,
  ) {}

  /** `setting` names where `url` comes from; `role`: what its user becomes, null when it is support's own login. */
  static async open(url: string, { setting, role }: { setting: string; role: string | null }): Promise<SqlSession> {
    const client = clientOf(url);
    client.on('error', () => undefined); // the next statement tells it
    try {
      await client.connect();
    } catch (error) {
      throw explainConnectionFailure(error, url, setting);
    }
    const session = new SqlSession(client, url);
    if (role !== null) await session.#become(role);
    return session;
  }

  async #become(role: string): Promise<void> {
    try {
      await this.client.query(`set role ${role}`);
    } catch (error) {
      await this.close();
      throw new Error(
        `the user of DATABASE_URL may not become ${role}: "vidhuk migrate" makes it and "grant ${role} to" that user lets it; or set SUPPORT_DATABASE_URL to a login of support`,
        { cause: error },
      );
    }
  }

  /** Runs one statement; rejects with PostgreSQL's own error. Keeps `limit` rows. */
  run(text: string, limit = Number.POSITIVE_INFINITY): Promise<Outcome> {
    const rows: (string | null)[][] = [];
    let total = 0;
    const query = new pg.Query<(string | null)[]>({ text, rowMode: 'array', types: asWritten } as pg.QueryConfig);
    return new Promise((resolve, reject) => {
      query.on('row', (row) => {
        if (++total <= limit) rows.push(row);
      });
      query.on('error', reject);
      query.on('end', ({ command, fields }) =>
        resolve({
          command,
          fields: fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })),
          rows,
          total,
        }),
      );
      this.client.query(query);
    });
  }

  /** Ends the statement that runs now. */
  async cancel(): Promise<void> {
    const { processID } = this.client as unknown as { processID: number };
    const other = clientOf(this.url);
    await other.connect();
    try {
      await other.query('select pg_cancel_backend($1)', [processID]);
    } finally {
      await other.end();
    }
  }

  close(): Promise<void> {
    return this.client.end();
  }
}

const clientOf = (url: string): PostgresClient =>
  new PostgresClient({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'vidhuk sql',
    session: settings,
  });
