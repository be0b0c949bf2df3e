/** What time it is for whoever lets things go for good: a clock that is a year ahead would let a year of them go. */
import type { DataSource } from 'typeorm';

/** The earlier of this process's clock and the database's: one of the two that is wrong lets nothing go too early. */
export async function earlierClock(dataSource: DataSource, ours = new Date()): Promise<Date> {
  const [row] = await dataSource.query<{ now: Date }[]>('select least(clock_timestamp(), $1::timestamptz) as now', [
    ours.toISOString(),
  ]);
  return row?.now ?? ours;
}
