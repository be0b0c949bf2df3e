/** A database before its first migration. */
import pg from 'pg';
import { postgresUrl } from './services/postgres.js';

let made = 0;

/** `options` as SQL has them behind "create database". */
export async function createEmptyDatabase(options = ''): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `vidhuk_empty_${process.pid}_${++made}`;
  const server = await postgresUrl();
  await runStatement(server, `create database ${name} ${options}`);
  const url = new URL(server);
  url.pathname = name;
  return { url: url.href, drop: () => runStatement(server, `drop database if exists ${name} with (force)`) };
}

/** One statement at the database that `url` names. */
export async function runStatement(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
