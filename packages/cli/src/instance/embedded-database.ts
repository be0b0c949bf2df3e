/** The database when no DATABASE_URL is given: an embedded PostgreSQL over `$VIDHUK_HOME/postgres`. */
import { join } from 'node:path';
import { endsWhenDead, PostgresClient } from '@vidhuk/shared';
import { startEmbeddedPostgres } from '../embedded-postgres/start-embedded-postgres.js';
import { openLog } from './home.js';
import { supervise, type Supervised } from './supervise.js';

const name = 'vidhuk';

export interface EmbeddedDatabase {
  server: Supervised;
  port: number;
  dataDir: string;
  /** Makes the database where it is missing, and gives its URL, as its owner. */
  ensure: () => Promise<string>;
}

export async function startEmbeddedDatabase(home: string, warn: (line: string) => void): Promise<EmbeddedDatabase> {
  const dataDir = join(home, 'postgres');
  const logFile = openLog(home, 'postgres');
  const first = await startEmbeddedPostgres({ dataDir, logFile });
  let next: typeof first | undefined = first;
  const start = async () => {
    // At the port at which the services know it.
    const { exited, stop, kill } = next ?? (await startEmbeddedPostgres({ dataDir, logFile, port: first.port }));
    next = undefined;
    return { exited: exited.then((how) => ({ how, refused: false })), stop, kill };
  };
  const server = await supervise('PostgreSQL', start, warn);
  return { server, port: first.port, dataDir, ensure: () => ensureDatabase(first.url) };
}

async function ensureDatabase(serverUrl: string): Promise<string> {
  const client = new PostgresClient({ connectionString: serverUrl, connectionTimeoutMillis: 5_000, ...endsWhenDead(30_000) });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = name;
  return url.href;
}
