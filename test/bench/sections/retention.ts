/**
 * Up to two simulated years with retention on: how large is the database at the end of every month, and does it stay as large? Then a ledger full of follow-ups that
 * have ended: how many go a minute, and how long does the slowest query beside it take?
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { parseConfiguration } from '../../../packages/shared/src/index.js';
import { generateBatches } from '../../../packages/simulator/src/generate.js';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { migrate } from '../../../packages/worker/src/db/migrate.js';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { retain } from '../../../packages/worker/src/history/retention.js';
import { Projector } from '../../../packages/worker/src/projection/projector.js';
import { silentLog } from '../../support/log-lines.js';
import type { Result } from '../report.js';
import { figure, percentile } from '../statistics.js';
import { bySize, type Context, type Section } from './section.js';

const monthsOf = (size: Context['size']): number => bySize(size, 24, 16, 10);
/** From then on as much goes as comes: bodies after two months, the log after six, and what is beside it. */
const steadyFrom = 9;
const dayMs = 86_400_000;
const from = new Date('2024-01-01T00:00:00Z');
const configuration = parseConfiguration(
  'sources: { main: { tokens: [token-of-the-bench] } }\nretention: { log: 180d, bodies: 60d, followUps: 90d }',
  'bench.yaml',
  {},
);

async function run({ servers, size, say }: Context): Promise<Result> {
  const perMonth = bySize(size, 200_000, 10_000, 1_000);
  const ended = bySize(size, 1_000_000, 300_000, 2_000);
  const months = monthsOf(size);
  const { databaseUrl } = await servers.fresh();
  await migrate(databaseUrl, 'redis://127.0.0.1');
  const log = silentLog();
  const dataSource = createDataSource(databaseUrl, { name: 'bench', poolSize: 4, log, statementMs: 600_000 });
  await dataSource.initialize();
  try {
    const sizes = await grow(dataSource, { perMonth, months }, say);
    const ledger = await emptyLedger(dataSource, { count: ended, months }, say);
    const [steady, last] = [sizes[steadyFrom - 1] ?? Number.NaN, sizes.at(-1) ?? Number.NaN];
    return {
      head: ['what', 'value', 'unit'],
      rows: [
        ...sizes.map((bytes, nth) => [`month ${nth + 1}`, figure(bytes / 2 ** 20), 'MiB']),
        [`month ${months} of month ${steadyFrom}`, figure(last / steady), ''],
        ['follow-ups that ended and went', figure(ledger.perMinute), 'rows/min'],
        ['slowest of the queries beside it', figure(Math.max(...ledger.waits)), 'ms'],
        ['queries beside it, p99', figure(percentile(ledger.waits, 0.99)), 'ms'],
      ],
      figures: { growth: last / steady, perMinute: ledger.perMinute, slowestMs: Math.max(...ledger.waits) },
      notes: [
        `${perMonth.toLocaleString('en-US')} activities a month of ${(perMonth / 10).toLocaleString('en-US')} contacts; log 180d, bodies 60d, follow-ups 90d; ` +
          'the size after retention and vacuum',
      ],
    };
  } finally {
    await dataSource.destroy();
  }
}

/** Bytes of the database at the end of each month. */
async function grow(
  dataSource: DataSource,
  { perMonth, months }: { perMonth: number; months: number },
  say: Context['say'],
): Promise<number[]> {
  const projector = new Projector(dataSource, new PartitionsOnDemand(dataSource), silentLog());
  const days = Math.round((Date.UTC(2024, months) - from.getTime()) / dayMs);
  const batches = generateBatches({
    seed: 1,
    activities: perMonth * months,
    batchSize: 200,
    contacts: perMonth / 10,
    days,
    from,
  });
  const sizes: number[] = [];
  const endOf = (nth: number) => Date.UTC(2024, nth + 1);
  for (const { body: text } of batches) {
    const body = Buffer.from(text);
    const parsed = parseBatch(body, { source: 'main', timeZone: 'UTC' });
    const receivedAt = new Date(Math.max(from.getTime(), ...parsed.activities.map(({ occurredAt }) => occurredAt)) + 60_000);
    while (receivedAt.getTime() >= endOf(sizes.length) && sizes.length < months) await endMonth();
    await projector.project([{ id: randomUUID(), source: 'main', origin: 'webhook', receivedAt, body, ...parsed }]);
  }
  while (sizes.length < months) await endMonth();
  return sizes;

  async function endMonth(): Promise<void> {
    const now = new Date(endOf(sizes.length));
    await planAndEnd(dataSource, perMonth / 20, now);
    await retain(dataSource, configuration, { now, signal: new AbortController().signal });
    await dataSource.query('vacuum');
    const [row] = await dataSource.query<{ bytes: number }[]>('select pg_database_size(current_database())::float8 as bytes');
    sizes.push(row?.bytes ?? Number.NaN);
    say(`month ${sizes.length} of ${months}: ${figure((row?.bytes ?? 0) / 2 ** 20)} MiB`);
  }
}

/** Follow-ups of the month before `now`, as large as usual ones. */
async function planAndEnd(dataSource: DataSource, count: number, now: Date): Promise<void> {
  await dataSource.query(
    `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, created_at, done_at, activity, contact, previous)
     select gen_random_uuid(), 'crm', 'main', gen_random_uuid(), $2, n, 'done', $2::timestamptz - interval '1 day' * (n % 30), $2, payload, payload, payload
     from generate_series(1, $1::integer) as n, lateral (
       select jsonb_object_agg('field' || f, md5(n::text || f)) as payload from generate_series(1, 16) as f) as made`,
    [Math.ceil(count), now.toISOString()],
  );
}

/** Lets `count` follow-ups go, while others are looked up, planned and ended as fast as they can be. */
async function emptyLedger(
  dataSource: DataSource,
  { count, months }: { count: number; months: number },
  say: Context['say'],
): Promise<{ perMinute: number; waits: number[] }> {
  const now = new Date(Date.UTC(2024, months));
  say(`a ledger of ${figure(count)}`);
  for (let left = count; left > 0; left -= 50_000) await planAndEnd(dataSource, Math.min(left, 50_000), now);
  await dataSource.query('vacuum analyze vidhuk.follow_up');
  const waits: number[] = [];
  const stopping = new AbortController();
  const ask = async () => {
    while (!stopping.signal.aborted) {
      const contact = Math.ceil(Math.random() * 50_000);
      for (const [sql, values] of [
        ['select * from vidhuk.follow_up where contact_id = $1 order by created_at desc limit 10', [contact]],
        ['select * from vidhuk.contact_status where contact_id = $1', [contact]],
        [
          `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, created_at, activity)
           values (gen_random_uuid(), 'crm', 'main', gen_random_uuid(), now(), $1, 'waiting', now(), '{}')`,
          [contact],
        ],
        [
          `update vidhuk.follow_up set state = 'queued' where action = 'crm' and state = 'waiting' and contact_id = $1`,
          [contact],
        ],
      ] as const) {
        const started = performance.now();
        await dataSource.query(sql, [...values]);
        waits.push(performance.now() - started);
      }
      await sleep(5);
    }
  };
  const asking = ask();
  const started = performance.now();
  const later = new Date(now.getTime() + 130 * dayMs);
  const ledgerOnly = { ...configuration, retention: { ...configuration.retention, log: 'forever', bodies: 'forever' } };
  const gone = await retain(dataSource, ledgerOnly, { now: later, signal: new AbortController().signal });
  const minutes = (performance.now() - started) / 60_000;
  stopping.abort();
  await asking;
  return { perMinute: (gone?.['follow-ups that came to an end'] ?? Number.NaN) / minutes, waits };
}

export const retention: Section = {
  name: 'retention',
  about:
    'up to two simulated years with retention on: the disk month by month; a ledger that is emptied, and the slowest query beside it',
  run,
};
