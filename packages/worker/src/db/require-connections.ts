/** Whether the server has as many connections as this process may take: asked at the start, so that no action and no batch finds out. */
import { ConfigurationError } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';

/** Throws a {@link ConfigurationError} where `most`, of one process, is above what the server lets plain users have. */
export async function requireConnections(dataSource: DataSource, most: number): Promise<void> {
  const [row] = await dataSource.query<{ free: number }[]>(
    `select current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
       - coalesce(current_setting('reserved_connections', true)::integer, 0) as free`,
  );
  const free = row?.free ?? Infinity;
  if (most <= free) return;
  throw new ConfigurationError([
    `this worker may take ${most} connections to PostgreSQL, and the server has ${free} for all: ` +
      `raise max_connections, lower worker.databaseConnections, or let QUEUE_URL lead to a Redis`,
  ]);
}
