/** What the database needs now and then: partitions ahead, and statistics of the partitioned parents, which autovacuum never gathers. */
import { messageOf, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { emptyDefaultPartitions, ensurePartitionsAhead } from './partitions.js';

const hourMs = 3_600_000;

/** At once and then hourly; failures are logged, the next hour tries again. */
export function startMaintenance(dataSource: DataSource, log: Logger): NodeJS.Timeout {
  const maintain = async () => {
    await ensurePartitionsAhead(dataSource, new Date());
    await emptyDefaultPartitions(dataSource, new Date());
    await dataSource.query('analyze vidhuk.activity');
    await dataSource.query('analyze vidhuk.batch');
  };
  const attempt = () => {
    maintain().catch((error: unknown) =>
      log.warn({ err: messageOf(error) }, 'maintenance of the database failed, the next hour tries again'),
    );
  };
  attempt();
  return setInterval(attempt, hourMs);
}
