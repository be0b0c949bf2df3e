/** Compares a ledger with the database: is everything that was acknowledged there, once, and do the statuses follow from it? */
import type { ClientBase } from 'pg';
import { type Clock, systemClock } from '../clock.js';
import { compareLog } from './compare-log.js';
import { compareStatus } from './compare-status.js';
import { type Difference, Differences, type DifferenceKind } from './difference.js';
import { type Arrival, ExpectedLog } from './expected-log.js';
import { type Expectations, readExpectations } from './read-expectations.js';

/** What `verifyLedger` takes. */
export interface VerifyOptions {
  path: string;
  /** A connection to the database of the worker, used by nobody else; it gets temporary tables. */
  client: ClientBase;
  /** IANA zone of the source's `activityDateTime`; default UTC. */
  timeZoneOf?: (source: string) => string;
  /** How long to wait for the queue to drain, in ms; default 60,000. */
  timeoutMs?: number;
  /** For so long nothing may arrive before the waiting ends early, in ms; default 15,000. */
  quietMs?: number;
  /** How many differences are described; all are counted. Default: all. */
  limit?: number;
  clock?: Clock;
  onProgress?: (progress: VerifyProgress) => void;
}

/** How far it is. */
export type VerifyProgress =
  { stage: 'reading'; elements: number } | { stage: 'waiting'; arrival: Arrival } | { stage: 'comparing' };

/** The result. */
export interface Verification {
  equal: boolean;
  /** Of the ledger. `activities` and `rejections` are distinct ones. */
  checked: { batches: number; elements: number; activities: number; rejections: number; contacts: number; requests: number };
  waitedMs: number;
  /** Number of differences by kind. */
  totals: Partial<Record<DifferenceKind, number>>;
  /** The first of them. */
  differences: Difference[];
}

const POLL_MS = 500;

/** Rejects with LedgerError when the ledger cannot be read, else with the driver's error: then nothing can be said. */
export async function verifyLedger(options: VerifyOptions): Promise<Verification> {
  const { path, client, timeZoneOf = () => 'UTC', clock = systemClock, onProgress } = options;
  const log = await ExpectedLog.create(client);
  const expectations = await readExpectations(path, log, timeZoneOf, (elements) => onProgress?.({ stage: 'reading', elements }));
  const startedAtMs = clock.now();
  const arrival = await waitForArrival(log, options);
  const waitedMs = clock.now() - startedAtMs;

  onProgress?.({ stage: 'comparing' });
  const differences = await compare(client, log, expectations, options.limit ?? Infinity);
  return {
    equal: differences.total === 0,
    checked: {
      batches: expectations.batches,
      elements: expectations.elements,
      activities: arrival.activities.expected,
      rejections: arrival.rejections.expected,
      contacts: expectations.statuses.size,
      requests: arrival.requests.expected,
    },
    waitedMs,
    totals: differences.totals,
    differences: differences.list,
  };
}

/** Until everything is there, or nothing has come for a while, or time is up. */
async function waitForArrival(log: ExpectedLog, options: VerifyOptions): Promise<Arrival> {
  const { timeoutMs = 60_000, quietMs = 15_000, clock = systemClock, onProgress } = options;
  const startedAtMs = clock.now();
  let missingBefore = Infinity;
  let changedAtMs = startedAtMs;
  for (;;) {
    const polledAtMs = clock.now();
    const arrival = await log.arrival();
    const nowMs = clock.now();
    onProgress?.({ stage: 'waiting', arrival });
    const missing = arrival.activities.missing + arrival.rejections.missing + arrival.requests.missing;
    if (missing !== missingBefore) changedAtMs = nowMs;
    missingBefore = missing;
    if (missing === 0 || nowMs - startedAtMs >= timeoutMs || nowMs - changedAtMs >= quietMs) return arrival;
    // A count over a large log takes its time: the worker should have the database for itself most of the time.
    await clock.sleep(Math.max(POLL_MS, 2 * (nowMs - polledAtMs)));
  }
}

/** In one snapshot of the database, so that log and statuses are of the same moment. */
async function compare(
  client: ClientBase,
  log: ExpectedLog,
  { statuses, possible, refused }: Expectations,
  limit: number,
): Promise<Differences> {
  const differences = new Differences(limit);
  for (const difference of refused) differences.add(difference);
  await client.query('begin isolation level repeatable read');
  try {
    await compareLog(client, differences);
    await log.requests.compare(differences);
    const keys = possible.map(({ activity }) => activity.key);
    const { rows } = await client.query<{ activity_key: string }>(
      'select activity_key from vidhuk.activity where activity_key = any($1::uuid[])',
      [keys],
    );
    const arrived = new Set(rows.map(({ activity_key }) => activity_key));
    for (const { activity } of possible) if (arrived.has(activity.key)) statuses.add(activity);
    await compareStatus(client, statuses, differences);
  } finally {
    await client.query('rollback');
  }
  return differences;
}
