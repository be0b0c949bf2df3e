/**
 * A year of 500,000 contacts, a million activities at a time: queued while the workers hold still (what does waiting cost?), then drained (does
 * the rate hold as the tables grow?); at the end, how long questions take and what is on the disk. Then the first million once more into empty
 * tables: from the first to the last a quarter of an hour goes by, in which the machine itself may have become slower or faster.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { generateBatches } from '../../../packages/simulator/src/generate.js';
import { sendRedis } from '../../support/stores.js';
import { openVidhuk, type VidhukEntry } from '../contestants/vidhuk.js';
import { Client } from '../load.js';
import { memoryMb } from '../process-usage.js';
import { untilDrained } from '../race.js';
import type { Result } from '../report.js';
import { query } from '../servers.js';
import { figure, percentile, sum } from '../statistics.js';
import { bySize, type Context, type Section } from './section.js';

const contacts = 500_000;
const batchSize = 500;
const steps = 10;
const roles = ['ingress', 'worker'];
const shape = { queue: 'redis', workers: 2 } as const;
/** V8 gives back what starting took after half a minute without work. */
const idleMs = (size: Context['size']): number => bySize(size, 60_000, 0, 100);

interface Step {
  queuedPerSecond: number;
  drainedPerSecond: number;
  redisBytesEach: number;
}

async function run(context: Context): Promise<Result> {
  const { size, growth } = context;
  const activities = bySize(size, growth, Math.min(growth, 100_000), Math.min(growth, 5_000));
  const year = await grownBy(activities, context);
  const again = await firstStepAgain(activities, context);
  const rateOf = (nth: number) => year.steps.at(nth)?.drainedPerSecond ?? Number.NaN;
  return {
    head: ['what', 'value', 'unit'],
    rows: [
      ...year.steps.map(({ queuedPerSecond, drainedPerSecond }, nth) => [
        `step ${nth + 1}: drained (queued at ${figure(queuedPerSecond)}/s)`,
        figure(drainedPerSecond),
        'activities/s',
      ]),
      ['step 1 once more, into empty tables', figure(again), 'activities/s'],
      ...year.rows,
    ],
    figures: { first: (rateOf(0) + again) / 2, last: rateOf(-1), ...year.figures },
    notes: [
      `${contacts.toLocaleString('en-US')} contacts, 12 months, batches of ${batchSize}, Redis, 2 workers; questions on one connection`,
    ],
  };
}

async function firstStepAgain(activities: number, { servers, size, say }: Context): Promise<number> {
  const entry = await openVidhuk(await servers.fresh(), shape);
  try {
    say('step 1 once more');
    await sleep(idleMs(size)); // as before the first
    const [bodies = []] = inSteps(activities);
    return (await grow(entry, bodies, servers.redisUrl, activities / steps)).drainedPerSecond;
  } finally {
    await entry.close();
  }
}

/** The year itself. */
async function grownBy(
  activities: number,
  { servers, size, say }: Context,
): Promise<Pick<Result, 'rows' | 'figures'> & { steps: Step[] }> {
  const entry = await openVidhuk(await servers.fresh(), shape);
  try {
    const residentMb = (role: string, which: Parameters<typeof memoryMb>[1]) =>
      Math.max(
        ...Object.entries(entry.processes).flatMap(([name, pid]) => (name.startsWith(role) ? [memoryMb(pid, which)] : [])),
      );
    say('idle');
    await sleep(idleMs(size));
    const idle = roles.map((role): [string, number] => [`${role}.idleMb`, residentMb(role, 'VmRSS')]);
    const done: Step[] = [];
    for (const bodies of inSteps(activities)) {
      say(`step ${done.length + 1} of ${steps}, ${figure(activities / steps)} activities`);
      done.push(await grow(entry, bodies, servers.redisUrl, activities / steps));
    }
    await query(entry.databaseUrl, 'vacuum analyze vidhuk.contact_status, vidhuk.contact_channel_status, vidhuk.activity');
    const { activities: logged } = await entry.count();
    const lookups = await questions(entry.databaseUrl, bySize(size, 3_000, 500, 50));
    const sizes = await sizesOf(entry.databaseUrl);
    const perActivity = (bytes: number) => figure(bytes / logged);
    const log = sum(sizes.filter(({ log }) => log).map(({ bytes }) => bytes));
    const waiting = Math.max(...done.map(({ redisBytesEach }) => redisBytesEach));
    return {
      steps: done,
      rows: [
        ...lookups.flatMap(({ name, times, inDatabase }) =>
          [
            { where: 'in the database', of: inDatabase },
            { where: 'with the way there', of: times },
          ].flatMap(({ where, of }) =>
            [0.5, 0.99].map((share) => [`${name}, ${where}, p${share * 100}`, figure(percentile(of, share)), 'ms']),
          ),
        ),
        ...sizes.map(({ name, bytes }) => [name, perActivity(bytes), 'bytes per activity']),
        ['log, bodies and their indexes together', perActivity(log), 'bytes per activity'],
        ['Redis, per waiting activity, at most', figure(waiting), 'bytes'],
        ...roles.map((role) => [`${role}, most resident memory`, figure(residentMb(role, 'VmHWM')), 'MB']),
        ...idle.map(([key, mb]) => [
          `${key.split('.')[0]}, resident memory after ${idleMs(size) / 1_000} s without work`,
          figure(mb),
          'MB',
        ]),
      ],
      figures: {
        activities: logged,
        redisBytesEach: waiting,
        diskBytesEach: log / logged,
        ...(size === 'quick' ? {} : Object.fromEntries(idle)),
        ...Object.fromEntries(roles.map((role) => [`${role}.peakMb`, residentMb(role, 'VmHWM')])),
        ...Object.fromEntries(lookups.map(({ key, inDatabase }) => [`${key}.p99`, percentile(inDatabase, 0.99)])),
      },
    };
  } finally {
    await entry.close();
  }
}

function* inSteps(activities: number): Generator<Iterable<Buffer>> {
  const batches = generateBatches({
    seed: 1,
    activities,
    batchSize,
    contacts,
    days: 365,
    from: new Date('2025-10-01T00:00:00Z'),
  });
  const perStep = Math.ceil(activities / batchSize / steps);
  function* step(): Generator<Buffer> {
    for (let count = 0; count < perStep; count++) {
      const next = batches.next();
      if (next.done === true) return;
      yield Buffer.from(next.value.body);
    }
  }
  for (let nth = 0; nth < steps; nth++) yield step();
}

async function grow(entry: VidhukEntry, bodies: Iterable<Buffer>, redisUrl: string, activities: number): Promise<Step> {
  await entry.hold();
  const client = new Client(4);
  const [before, started] = [await redisBytes(redisUrl), performance.now()];
  await client.postAll(entry.url, bodies);
  await client.close();
  const [waiting, queued] = [await redisBytes(redisUrl), performance.now()];
  await entry.release();
  await untilDrained(entry, 'the step');
  const perSecond = (from: number, to: number) => activities / ((to - from) / 1_000);
  return {
    queuedPerSecond: perSecond(started, queued),
    drainedPerSecond: perSecond(queued, performance.now()),
    redisBytesEach: (waiting - before) / activities,
  };
}

const redisBytes = async (url: string): Promise<number> =>
  Number(/^used_memory:(\d+)/m.exec(await sendRedis(url, 'INFO memory'))?.[1]);

interface Question {
  key: string;
  name: string;
  /** ms: what PostgreSQL needs to plan and execute it. */
  inDatabase: number[];
  /** ms until the client has the answer: the way there and back too. */
  times: number[];
}

async function questions(databaseUrl: string, count: number): Promise<Question[]> {
  const asked = [
    {
      key: 'lookup',
      name: 'a contact by id',
      text: 'select * from vidhuk.contact_status where source = $1 and contact_id = $2',
      of: ['source', 'contact_id'],
    },
    {
      key: 'email',
      name: 'a contact by e-mail',
      text: 'select * from vidhuk.contact_status where lower(email) = lower($1)',
      of: ['email'],
    },
    {
      key: 'history',
      name: 'the last 100 activities of a contact',
      text: 'select * from vidhuk.activity where contact_id = $1 order by occurred_at desc limit 100',
      of: ['contact_id'],
    },
  ];
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(
      'select source, contact_id, email from vidhuk.contact_status where email is not null order by random() limit $1',
      [2 * count],
    );
    const answered: Question[] = [];
    for (const { key, name, text, of } of asked) {
      const [times, inDatabase]: [number[], number[]] = [[], []];
      const values = rows.map((row) => of.map((column) => row[column]));
      // Each contact once: what was just asked for is in PostgreSQL's memory.
      for (const each of values.slice(0, count)) {
        const started = performance.now();
        await client.query({ name: key, text, values: each });
        times.push(performance.now() - started);
      }
      for (const each of values.slice(count)) inDatabase.push(await explained(client, text, each));
      answered.push({ key, name, times, inDatabase });
    }
    return answered;
  } finally {
    await client.end();
  }
}

/** ms that PostgreSQL itself counts for a statement, without its clock at every row. */
async function explained(client: pg.Client, text: string, values: unknown[]): Promise<number> {
  const { rows } = await client.query<{ 'QUERY PLAN': [Record<'Planning Time' | 'Execution Time', number>] }>(
    `explain (analyze, timing off, buffers off, format json) ${text}`,
    values,
  );
  const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
  return (plan?.['Planning Time'] ?? Number.NaN) + (plan?.['Execution Time'] ?? Number.NaN);
}

/** Of each table with its partitions, and of each of its indexes; `log`: belongs to the log or to the bodies. */
async function sizesOf(databaseUrl: string): Promise<{ name: string; bytes: number; log: boolean }[]> {
  const tables = await query<{ name: string; bytes: number; log: boolean }>(
    databaseUrl,
    `
    with relation as (
      select coalesce(root.oid, c.oid) as parent, c.oid from pg_class c
      left join lateral (select inhparent as oid from pg_inherits where inhrelid = c.oid) as root on true
      where c.relnamespace = 'vidhuk'::regnamespace and c.relkind in ('r', 'i'))
    select parent::regclass::text as name, sum(case relkind when 'i' then pg_relation_size(relation.oid) else pg_table_size(relation.oid) end)::float8 as bytes,
      parent::regclass::text ~ 'vidhuk\\.(activity|batch)' as log
    from relation join pg_class on pg_class.oid = parent
    group by parent having sum(pg_total_relation_size(relation.oid)) > 100000 order by 3 desc, 2 desc`,
  );
  return tables;
}

export const growth: Section = {
  name: 'growth',
  about: 'ten million activities in: the rate of every million, questions, disk by table and index, what a million waiting costs',
  run,
};
