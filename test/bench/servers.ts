/** PostgreSQL and Redis of a run: started once, as `docker-compose.yml` sets them up, emptied before every round. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { parse } from 'yaml';
import { ownPostgres, ownRedis } from '../support/own-server.js';
import { sendRedis } from '../support/stores.js';
import type { Stores } from './contestant.js';

export interface Servers {
  /** Names in tables, and pids. */
  processes: Readonly<Record<'postgres' | 'redis', number>>;
  /** postgresql.conf, beyond PostgreSQL's own values. */
  settings: Readonly<Record<string, string>>;
  /** Of the database `postgres`. */
  databaseUrl: string;
  redisUrl: string;
  /** Empty stores; those of the round before are dropped. */
  fresh: () => Promise<Stores>;
  /** Both write what they owe: neither a checkpoint nor a rewritten file falls into what is measured next because of what was before it. */
  settle: () => Promise<void>;
  /** Of the servers, for the report. */
  versions: () => Promise<Record<string, string>>;
}

export async function startServers(): Promise<Servers> {
  const settings = composeSettings();
  const [postgres, redis] = await Promise.all([ownPostgres(settings), ownRedis()]);
  let rounds = 0;
  const settle = async () => {
    await query(postgres.url, 'checkpoint');
    await rewriteAppendOnlyFile(redis.url);
  };
  return {
    processes: { postgres: postgres.pid(), redis: redis.pid() },
    settings,
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    async fresh() {
      const name = (round: number) => `bench_${round}`;
      await query(postgres.url, `drop database if exists ${name(rounds)} with (force)`);
      await query(postgres.url, `create database ${name(++rounds)}`);
      await sendRedis(redis.url, 'FLUSHALL');
      await settle();
      const url = new URL(postgres.url);
      url.pathname = name(rounds);
      return { databaseUrl: url.href, redisUrl: redis.url };
    },
    settle,
    async versions() {
      const [row] = await query<{ version: string }>(postgres.url, `select current_setting('server_version') as version`);
      const redisVersion = /^redis_version:(\S+)/m.exec(await sendRedis(redis.url, 'INFO server'))?.[1];
      return { node: process.version, postgres: row?.version ?? '?', redis: redisVersion ?? '?' };
    },
  };
}

/** Redis does so by itself, and takes a core for it, once the file has 64 MB and twice what it had after the last time. */
async function rewriteAppendOnlyFile(url: string): Promise<void> {
  const idle = async () => {
    while (/^aof_rewrite_(in_progress|scheduled):1/m.test(await sendRedis(url, 'INFO persistence'))) await sleep(10);
  };
  await idle();
  const answer = await sendRedis(url, 'BGREWRITEAOF');
  if (answer.startsWith('-')) throw new Error(`Redis does not rewrite its file: ${answer.trim()}`);
  await idle();
}

/** One statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

interface Compose {
  services: { postgres: { command: string[] } } & Record<'ingress' | 'worker', { mem_limit: string }>;
}

/** The file that people run. */
const compose = (): Compose => parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8')) as Compose;

/** What stands behind `-c`, without people's own changes. */
function composeSettings(): Record<string, string> {
  const settings = compose().services.postgres.command.filter((part) => part.includes('='));
  return Object.fromEntries(
    settings.map((setting) => {
      const [name = '', value = ''] = setting.split(/=(.*)/);
      return [name, value.replace(/^\$\{\w+:-(.*)\}$/, '$1')];
    }),
  );
}

/** Node lets the heap grow to half of its container's memory; outside of one, to half of the machine's. */
export function nodeOptionsOf(service: 'ingress' | 'worker'): string[] {
  const [, gigabytes] = /:-(\d+)g\}$/.exec(compose().services[service].mem_limit) ?? [];
  return [`--max-old-space-size=${Number(gigabytes) * 512}`];
}
