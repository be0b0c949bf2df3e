/** What the database needs now and then: partitions ahead, and statistics of the partitioned parents, which autovacuum never gathers. */
import { messageOf, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { sqlState } from './failure.js';
import { onConnection } from './on-connection.js';
import { emptyDefaultPartitions, ensurePartitionsAhead } from './partitions.js';
import { staleParents } from './sql/stale-parents.js';

const hourMs = 3_600_000;

/** Any number that nobody else uses in this database: the letters "care". */
const advisoryLock = 0x63617265;

/** At once and then hourly, by one worker at a time; failures are logged, the next hour tries again. Gives the function that ends it: what that cuts off is no failure. */
export function startMaintenance(dataSource: DataSource, log: Logger, everyMs = hourMs): () => void {
  let isOver = false;
  const attempt = () => {
    maintain(dataSource, log).catch((error: unknown) => {
      if (!isOver) log.warn({ err: messageOf(error) }, 'maintenance of the database failed, the next hour tries again');
    });
  };
  attempt();
  const timer = setInterval(attempt, everyMs);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

/** Does nothing where another worker is at it. */
export async function maintain(dataSource: DataSource, log: Logger): Promise<void> {
  await onConnection(dataSource, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [advisoryLock]);
    if (rows[0]?.mine !== true) return;
    try {
      await makePartitions(dataSource, log);
      for (const table of await staleParents(dataSource)) await dataSource.query(`analyze vidhuk.${table}`);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [advisoryLock]);
    }
  });
}

async function makePartitions(dataSource: DataSource, log: Logger): Promise<void> {
  const onDelay = (table: string, month: Date, error: unknown) => {
    // insufficient_privilege (PostgreSQL, appendix A)
    const what =
      sqlState(error) === '42501'
        ? 'this user may not make partitions: until their owner runs "vidhuk migrate" again, rows lie in the default partition'
        : 'a partition could not be made now, its rows lie in the default partition until the next hour';
    log.warn({ table, month: month.toISOString().slice(0, 7), err: messageOf(error) }, what);
  };
  await ensurePartitionsAhead(dataSource, new Date(), onDelay);
  await emptyDefaultPartitions(dataSource, new Date(), onDelay);
}
