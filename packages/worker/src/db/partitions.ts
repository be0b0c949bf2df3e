/** Monthly partitions of the log and of the batches: made ahead, and on demand for older months. */
import type { DataSource } from 'typeorm';

const partitioned = { activity: 'occurred_at', batch: 'received_at' } as const;
type PartitionedTable = keyof typeof partitioned;

/** Months made ahead, this one included: a worker that is down over the turn of a month finds its partition. */
const monthsAhead = 3;
/** The platform started in 2012; what claims to be older, or lies beyond the months made ahead, goes to the default partition. */
const earliest = Date.UTC(2012, 0);

const monthOf = (date: Date, offset = 0): Date => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset));

export async function ensurePartitionsAhead(dataSource: DataSource, now: Date): Promise<void> {
  for (const table of ['activity', 'batch'] as const) {
    for (let ahead = 0; ahead < monthsAhead; ahead++) await ensurePartition(dataSource, table, monthOf(now, ahead));
  }
}

async function ensurePartition(dataSource: DataSource, table: PartitionedTable, month: Date): Promise<void> {
  await dataSource.query('select vidhuk.ensure_partition($1, $2, $3::date)', [
    table,
    partitioned[table],
    month.toISOString().slice(0, 10),
  ]);
}

/** Makes the partitions that `times` (ms since 1970) need in `table`, outside of the batch's transaction; remembers those that it has seen. */
export class PartitionsOnDemand {
  readonly #seen = new Set<string>();

  constructor(private readonly dataSource: DataSource) {}

  async ensure(table: PartitionedTable, times: Iterable<number>): Promise<void> {
    const latest = monthOf(new Date(), monthsAhead).getTime();
    const months = new Set<number>();
    for (const time of times) if (time >= earliest && time < latest) months.add(monthOf(new Date(time)).getTime());
    for (const month of months) {
      const name = `${table} ${month}`;
      if (this.#seen.has(name)) continue;
      await ensurePartition(this.dataSource, table, new Date(month));
      this.#seen.add(name);
    }
  }
}
