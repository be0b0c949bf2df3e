/** A queue's store in trouble, on purpose and for a while. */
import pg from 'pg';
import { sendRedis, type Stores } from '../stores.js';

async function onPostgres(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Everything that is in the queues is gone. */
export async function loseJobs({ kind, queueUrl }: Stores): Promise<void> {
  if (kind === 'redis') await sendRedis(queueUrl, 'FLUSHALL');
  else await onPostgres(queueUrl, 'truncate bullmq.job cascade');
}

/** No job can be added; on Redis none can be taken either. */
export async function refuseNewJobs({ kind, queueUrl }: Stores): Promise<void> {
  if (kind === 'redis') await sendRedis(queueUrl, 'ACL SETUSER default -evalsha -eval');
  else {
    await onPostgres(
      queueUrl,
      `create or replace function bullmq.refuse() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$`,
      `create or replace trigger refuse before insert on bullmq.job execute function bullmq.refuse()`,
    );
  }
}

/** Ends {@link refuseNewJobs}. */
export async function takeNewJobs({ kind, queueUrl }: Stores): Promise<void> {
  if (kind === 'redis') await sendRedis(queueUrl, 'ACL SETUSER default +@all');
  else await onPostgres(queueUrl, 'drop trigger if exists refuse on bullmq.job');
}

/** As if so much time had passed that the locks of a worker that is gone have ended: its jobs are the next one's, without the wait of 30 s. */
export async function endLocks({ kind, queueUrl }: Stores): Promise<void> {
  if (kind === 'redis')
    await sendRedis(queueUrl, `EVAL "for _, k in ipairs(redis.call('keys', '*:lock')) do redis.call('del', k) end return 1" 0`);
  else await onPostgres(queueUrl, `update bullmq.job set locked_until_ms = 0 where state = 'active'`);
}
