/** A database before its first migration. */
import pg from 'pg';
import { postgresUrl } from './services/postgres.js';

let made = 0;

export async function createEmptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `vidhuk_empty_${process.pid}_${++made}`;
  const server = await postgresUrl();
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = name;
  return { url: url.href, drop: () => run(server, `drop database if exists ${name} with (force)`) };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
