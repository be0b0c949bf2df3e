/** Monthly partitions of the log, of the batches and of the requests of workflows: made ahead, and on demand for older months. */
import type { DataSource } from 'typeorm';
import { sqlState } from './failure.js';
import { inTransaction } from './transaction.js';

const partitioned = { activity: 'occurred_at', batch: 'received_at', workflow_request: 'received_at' } as const;
type PartitionedTable = keyof typeof partitioned;
const tables = Object.keys(partitioned) as PartitionedTable[];

/** Months made ahead, this one included: a worker that is down over the turn of a month finds its partition. */
const monthsAhead = 3;
/** The platform started in 2012; what claims to be older, or lies beyond the months made ahead, goes to the default partition. */
const earliest = Date.UTC(2012, 0);

const monthOf = (date: Date, offset = 0): Date => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset));

/** Hears of partitions that could not be made now, and why. Until they are, their rows lie in the default partition. */
type OnDelay = (table: PartitionedTable, month: Date, error: unknown) => void;

export async function ensurePartitionsAhead(dataSource: DataSource, now: Date, onDelay: OnDelay): Promise<void> {
  for (const table of tables) {
    for (let ahead = 0; ahead < monthsAhead; ahead++) {
      const month = monthOf(now, ahead);
      await ensurePartition(dataSource, table, month).catch(delayed(table, month, onDelay));
    }
  }
}

/** ms. It needs the default partition for itself, and whoever waits for that keeps all from it who come later: behind a reader that takes hours, too. */
const lockTimeoutMs = 200;

async function ensurePartition(
  dataSource: DataSource,
  table: PartitionedTable,
  month: Date,
  patience?: 'however long it takes',
): Promise<void> {
  await inTransaction(dataSource, async (client) => {
    if (patience !== undefined) await client.query('set local statement_timeout = 0');
    await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
    await client.query('select vidhuk.ensure_partition($1, $2, $3::date)', [
      table,
      partitioned[table],
      month.toISOString().slice(0, 10),
    ]);
  });
}

/** lock_not_available, insufficient_privilege, query_canceled (by the limit of time: there was much to move). */
const canWait = ['55P03', '42501', '57014'];
const canWaitWith = (error: unknown): boolean => canWait.includes(sqlState(error) ?? '');
/** The next hour tries again; other months are made all the same. */
const delayed =
  (table: PartitionedTable, month: Date, onDelay: OnDelay) =>
  (error: unknown): void => {
    if (!canWaitWith(error)) throw error;
    onDelay(table, month, error);
  };

/** Makes the partitions of the months whose rows wait in a default partition, as far as they may have one. */
export async function emptyDefaultPartitions(dataSource: DataSource, now: Date, onDelay: OnDelay): Promise<void> {
  for (const table of tables) {
    const rows = await dataSource.query<{ month: Date }[]>(
      `select distinct date_trunc('month', ${partitioned[table]} at time zone 'UTC') at time zone 'UTC' as month
       from vidhuk.${table}_default where ${partitioned[table]} >= $1 and ${partitioned[table]} < $2 order by month`,
      [new Date(earliest).toISOString(), monthOf(now, monthsAhead).toISOString()],
    );
    for (const { month } of rows)
      await ensurePartition(dataSource, table, month, 'however long it takes').catch(delayed(table, month, onDelay));
  }
}

/** ms until a partition that could not be made is tried again. */
const againAfterMs = 60_000;

/**
 * Makes the partitions that `times` (ms since 1970) need in `table`, outside of the batch's transaction; remembers those that it has seen. One that
 * cannot be made now, because a reader is in the way or this user may not, stops no batch: its rows lie in the default partition until maintenance moves
 * them.
 */
export class PartitionsOnDemand {
  readonly #seen = new Set<string>();
  /** When to try again, by `performance.now()`. */
  readonly #later = new Map<string, number>();

  constructor(private readonly dataSource: DataSource) {}

  async ensure(table: PartitionedTable, times: Iterable<number>): Promise<void> {
    const latest = monthOf(new Date(), monthsAhead).getTime();
    const months = new Set<number>();
    for (const time of times) if (time >= earliest && time < latest) months.add(monthOf(new Date(time)).getTime());
    for (const month of months) {
      const name = `${table} ${month}`;
      if (this.#seen.has(name) || (this.#later.get(name) ?? 0) > performance.now()) continue;
      try {
        await ensurePartition(this.dataSource, table, new Date(month));
        this.#seen.add(name);
      } catch (error) {
        if (!canWaitWith(error)) throw error;
        this.#later.set(name, performance.now() + againAfterMs);
      }
    }
  }
}
