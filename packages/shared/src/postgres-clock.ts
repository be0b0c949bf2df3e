/**
 * BullMQ on PostgreSQL takes the time from its workers, not from the server (as of 6.7.0; on Redis expiry is the server's). What a worker whose
 * clock was ahead has written holds the others up until they get there: nobody looks for the jobs of dead workers, takes its own, or takes any
 * under a rate limit.
 */
import type { Pool } from 'pg';

const statements = [
  `delete from bullmq.meta where queue = $1 and field = 'stalled-check' and value::bigint > $2`,
  // Whoever is still at work on it renews its lock from time to time.
  `update bullmq.job set locked_until_ms = $2 where queue = $1 and state = 'active' and locked_until_ms > $2`,
];
const rateLimit = 'delete from bullmq.rate_limit where queue = $1 and expire_at_ms > $2';

/** Takes back what lies further ahead of the server's clock than a lock of `lockMs`, or a rate's `perMs`, may. */
export async function forgetFuture(pool: Pool, queue: string, lockMs: number, perMs: number | undefined): Promise<void> {
  const { rows } = await pool.query<{ now: string }>('select (extract(epoch from clock_timestamp()) * 1000)::bigint as now');
  const now = Number(rows[0]?.now);
  // Clocks that are kept differ by far less than a second.
  for (const statement of statements) await pool.query(statement, [queue, now + lockMs + 1_000]);
  if (perMs !== undefined) await pool.query(rateLimit, [queue, now + perMs + 1_000]);
}
