/** Months that have been kept for long enough, of the log, of the batches and of the requests of workflows: taken out as a whole. */
import type { Configuration } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../db/transaction.js';
import { moveHorizon, readBounds } from '../projection/sql/tombstones.js';
import { batchHorizonOf, horizonOf, logHorizonOf } from './horizons.js';
import { allowMonths, dropMonth, type MonthlyTable } from './sql/drop-month.js';
import { partitionsOf, type Leaf } from './sql/partitions-of.js';
import { withShortLock } from './sql/short-lock.js';
import { whyKept } from './sql/why-kept.js';
import { takeFloors } from './take-floors.js';
import { takeRows } from './take-rows.js';

interface Parts {
  dataSource: DataSource;
  configuration: Pick<Configuration, 'retention' | 'sources'>;
  /** Hears of months that are due, and that this user may not take out. */
  onKept: (why: string) => void;
}

/** Gives how many months went, by what they are. */
export async function dropMonths(parts: Parts, now: Date, signal: AbortSignal): Promise<Record<string, number>> {
  const { configuration, dataSource, onKept } = parts;
  const { retention } = configuration;
  const gone: Record<string, number> = {};
  const mayTake = async (table: MonthlyTable, horizon: Date | null): Promise<boolean> => {
    if (horizon === null) return false;
    const why = await whyKept(dataSource, table, horizon);
    if (why !== undefined) onKept(why);
    return why === undefined;
  };
  const log = logHorizonOf(retention, now);
  if (log !== null && (await mayTake('activity', log))) {
    const { horizon } = await inTransaction(dataSource, readBounds);
    const isThere = horizon !== null && horizon >= log.getTime();
    const mayGo = isThere || (await withShortLock(dataSource, signal, (client) => moveHorizon(client, log)));
    gone['months of the log'] = mayGo ? await dropLog(parts, log, signal) : 0;
  }
  const batches = batchHorizonOf(configuration, now);
  const isEmpty = async ({ name }: Leaf) => {
    const [row] = await dataSource.query<{ left: boolean }[]>(
      `select exists (select from vidhuk.${name} where body is not null) as left`,
    );
    return row?.left === false;
  };
  if (batches !== null && (await mayTake('batch', batches)))
    gone['months of batches'] = await dropWhole(dataSource, 'batch', batches, signal, isEmpty);
  const requests = horizonOf(retention, 'requests', now);
  if (requests !== null && (await mayTake('workflow_request', requests)))
    gone['months of requests'] = await dropWhole(dataSource, 'workflow_request', requests, signal);
  return gone;
}

/** From here on nothing before the horizon comes into the log, so what is in it can be taken in peace. */
async function dropLog({ dataSource, configuration: { sources } }: Parts, horizon: Date, signal: AbortSignal): Promise<number> {
  const take = async ({ name }: Leaf) => (await takeFloors({ dataSource, sources }, name, horizon, signal)) !== undefined;
  const gone = await dropWhole(dataSource, 'activity', horizon, signal, take);
  // What claims to be older than the platform lies in the default partition.
  const age = { age: 'occurred_at', where: 'true' };
  for (const leaf of await partitionsOf(dataSource, 'activity'))
    if (leaf.month === null && (await take(leaf))) await takeRows(dataSource, leaf.name, age, horizon, signal);
  return gone;
}

async function dropWhole(
  dataSource: DataSource,
  table: MonthlyTable,
  horizon: Date,
  signal: AbortSignal,
  mayGo: (leaf: Leaf) => Promise<boolean> = () => Promise.resolve(true),
): Promise<number> {
  let gone = 0;
  await allowMonths(dataSource, table, horizon);
  for (const leaf of await partitionsOf(dataSource, table)) {
    if (signal.aborted) break;
    if (leaf.month === null || leaf.month.to > horizon) continue;
    if ((await mayGo(leaf)) && (await dropMonth(dataSource, table, leaf.name, signal))) gone++;
  }
  return gone;
}
