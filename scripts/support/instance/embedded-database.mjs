/** The database when no DATABASE_URL is given: an embedded PostgreSQL over `$VIDHUK_HOME/postgres`. */
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../postgres/embedded-postgres.mjs';
import { openLog } from './home.mjs';
import { supervise } from './supervise.mjs';

const name = 'vidhuk';

/**
 * @param {string} home
 * @param {import('./service.mjs').Acquired} acquired
 * @param {(line: string) => void} warn
 * @param {(detail: string) => void} detail
 * @returns {Promise<{ url: string, keep: () => void }>} the URL of a database that exists
 */
export async function startEmbeddedDatabase(home, acquired, warn, detail) {
  const options = { dataDir: path.join(home, 'postgres'), logFile: openLog(home, 'postgres') };
  let { url, port } = { url: '', port: /** @type {number | undefined} */ (undefined) };
  const start = async () => {
    const server = await startEmbeddedPostgres({ ...options, port }); // the port at which the services know it, once it has one
    ({ url, port } = server);
    return server;
  };
  const server = await supervise('PostgreSQL', start, warn);
  acquired.push({ name: 'PostgreSQL', ...server });
  detail(`127.0.0.1:${port}, data in ${options.dataDir}`);
  return { url: await ensureDatabase(url), keep: server.keep };
}

/** @param {string} serverUrl */
async function ensureDatabase(serverUrl) {
  const client = new pg.Client({ connectionString: serverUrl });
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
