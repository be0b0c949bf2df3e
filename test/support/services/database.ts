/** A fresh, migrated database for a test file. */
import pg from 'pg';
import { createLogger } from '../../../packages/shared/src/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { migrate } from '../../../packages/worker/src/db/migrate.js';
import { settleRules } from '../../../packages/worker/src/projection/settle-rules.js';
import { postgresUrl } from './postgres.js';
import { beforeAllTests } from './startup.js';

const template = `vidhuk_template_${process.pid}`;
let templateMade: Promise<void> | undefined;
let made = 0;

beforeAllTests(() => (templateMade ??= makeTemplate()));

/** Cloned from a template that is migrated once per run, BullMQ's schema included. `drop` cuts connections that are left. */
export async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  templateMade ??= makeTemplate();
  await templateMade;
  const name = `vidhuk_test_${process.pid}_${++made}`;
  await administer(`create database ${name} template ${template}`);
  return { url: await databaseUrl(name), drop: () => administer(`drop database if exists ${name} with (force)`) };
}

async function makeTemplate(): Promise<void> {
  await administer(`create database ${template}`);
  const url = await databaseUrl(template);
  await migrate(url, url);
  await settle(url);
}

/** As "vidhuk migrate" and every worker do it. */
async function settle(url: string): Promise<void> {
  const dataSource = createDataSource(url, { name: 'test', poolSize: 1, log: createLogger('test', 'silent') });
  await dataSource.initialize();
  await settleRules(dataSource);
  await dataSource.destroy();
}

async function databaseUrl(name: string): Promise<string> {
  const url = new URL(await postgresUrl());
  url.pathname = name;
  return url.href;
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: await postgresUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
