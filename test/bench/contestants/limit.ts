/** What PostgreSQL can do at best with the same activities: everything is prepared before the clock starts. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { connect } from '../../../packages/worker/src/db/connect.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { migrate } from '../../../packages/worker/src/db/migrate.js';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import type { Batch } from '../../../packages/worker/src/projection/batch.js';
import { createLogger } from '../../../packages/shared/src/index.js';
import type { Stores } from '../contestant.js';
import { sum } from '../statistics.js';

const context = { source: 'main', timeZone: 'UTC' };

/** Gives the seconds that it took. */
export type Limit = (stores: Stores, bodies: readonly Buffer[]) => Promise<number>;

const plainLog = `
  create table plain_log (
    key         uuid        not null,
    contact_id  bigint,
    status      text        not null,
    media_type  text        not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    raw         jsonb       not null,
    primary key (occurred_at, key)
  );
  create index on plain_log (contact_id, occurred_at desc)`;

/** COPY of the activities, each once, with their JSON into a bare log with two indexes: one stream, one transaction. */
export const copy: Limit = async ({ databaseUrl }, bodies) => {
  const rows = copyRows(bodies);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(plainLog);
    const started = performance.now();
    await pipeline(
      Readable.from(rows),
      client.query(copyFrom('copy plain_log (key, contact_id, status, media_type, occurred_at, received_at, raw) from stdin')),
    );
    return (performance.now() - started) / 1_000;
  } finally {
    await client.end();
  }
};

/** In COPY's text format, in pieces as large as a socket likes. */
function copyRows(bodies: readonly Buffer[]): Buffer[] {
  const seen = new Set<string>();
  const receivedAt = new Date().toISOString();
  return bodies.map((body) => {
    const elements = JSON.parse(body.toString()) as object | object[];
    const list = Array.isArray(elements) ? elements : [elements];
    const rows = parseBatch(body, context).activities.flatMap(({ key, contactId, status, mediaType, occurredAt, position }) => {
      if (seen.has(key)) return [];
      seen.add(key);
      const raw = JSON.stringify(list[position]).replaceAll('\\', '\\\\');
      return [[key, contactId ?? '\\N', status, mediaType, new Date(occurredAt).toISOString(), receivedAt, raw].join('\t')];
    });
    return Buffer.from(rows.map((row) => `${row}\n`).join(''));
  });
}

/** Vidhuk's transaction alone, without queue, parsing and validation: two at once, of at most 2,000 activities each, as a worker runs them. */
export const transactionAlone: Limit = async ({ databaseUrl }, bodies) => {
  await migrate(databaseUrl, databaseUrl);
  const log = createLogger('bench', 'warn');
  const dataSource = createDataSource(databaseUrl, { name: 'bench', poolSize: 4, log });
  await connect(dataSource);
  try {
    const batches = bodies.map((body): Batch => ({
      id: randomUUID(),
      source: 'main',
      receivedAt: new Date(),
      body,
      origin: 'webhook',
      ...parseBatch(body, context),
    }));
    const partitions = new PartitionsOnDemand(dataSource);
    await partitions.ensure('batch', [Date.now()]);
    await partitions.ensure(
      'activity',
      batches.flatMap(({ activities }) => activities.map(({ occurredAt }) => occurredAt)),
    );
    const groups = inGroups(batches, 2_000);
    const started = performance.now();
    const work = async () => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) await applyBatches(dataSource, group);
    };
    await Promise.all([work(), work()]);
    return (performance.now() - started) / 1_000;
  } finally {
    await dataSource.destroy();
  }
};

function inGroups(batches: readonly Batch[], activities: number): Batch[][] {
  const groups: Batch[][] = [[]];
  for (const batch of batches) {
    const last = groups.at(-1) ?? [];
    if (last.length > 0 && sum([...last, batch].map(({ total }) => total)) > activities) groups.push([batch]);
    else last.push(batch);
  }
  return groups;
}
