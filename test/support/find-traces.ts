/** Looks for what is left of an erased person, in every place that there is. */
import type pg from 'pg';
import { batchQueueName, openQueueStore, unpackBody, workflowQueueName, type BatchJob } from '../../packages/shared/src/index.js';
import { sendRedis, type Stores } from './stores.js';

/** Every column of every table of every schema, and every key of Redis, in which a needle stands. */
export async function tracesOf(
  client: pg.Client,
  stores: Pick<Stores, 'kind' | 'queueUrl'>,
  wanted: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  const { rows: columns } = await client.query<{ name: string; column: string; type: string }>(
    `select format('%I.%I', nspname, relname) as name, format('%I', attname) as column, format_type(atttypid, null) as type
     from pg_attribute join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'm') and attnum > 0 and not attisdropped and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  for (const { name, column, type } of columns) {
    const text = type === 'bytea' ? `encode(${column}, 'escape')` : `${column}::text`;
    const { rows } = await client.query(`select 1 from ${name} where ${text} ilike any($1) limit 1`, [
      wanted.map((n) => `%${n}%`),
    ]);
    if (rows.length > 0) found.push(`${name}.${column}`);
  }
  const { rows: statistics } = await client.query(
    `select schemaname, tablename, attname from pg_stats where schemaname = 'vidhuk'
       and concat(most_common_vals::text, histogram_bounds::text, most_common_elems::text) ilike any($1)`,
    [wanted.map((n) => `%${n}%`)],
  );
  found.push(...statistics.map((row) => `pg_stats ${JSON.stringify(row)}`));
  found.push(...(await foundInJobs(stores.queueUrl, wanted)));
  if (stores.kind === 'redis') found.push(...(await foundInRedis(stores.queueUrl, wanted)));
  return found;
}

const states = ['completed', 'failed', 'waiting', 'active', 'delayed', 'prioritized'] as const;

/** Bodies travel compressed, those of batches and those of requests of workflows. */
async function foundInJobs(url: string, needles: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const store = await openQueueStore(url, () => undefined);
  for (const name of [batchQueueName, workflowQueueName]) {
    const queue = await store.openQueue<Pick<BatchJob, 'body' | 'bytes'>>(name);
    for (const id of await queue.getRanges([...states], 0, -1)) {
      const job = await queue.getJob(id);
      if (job === undefined) continue;
      const text = (JSON.stringify(job.data) + (await unpackBody(job.data)).toString()).toLowerCase();
      if (needles.some((needle) => text.includes(needle))) found.push(`${name} job ${id}`);
    }
    await queue.close();
  }
  await store.close();
  return found;
}

async function foundInRedis(url: string, needles: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const keys = (await sendRedis(url, 'KEYS *')).split('\r\n').filter((line) => line.startsWith('{'));
  for (const name of keys)
    for (const command of ['GET', 'HGETALL', 'LRANGE', 'ZRANGE', 'SMEMBERS', 'XRANGE']) {
      const range = { LRANGE: ' 0 -1', ZRANGE: ' 0 -1', XRANGE: ' - +' }[command] ?? '';
      const answer = (await sendRedis(url, `${command} ${name}${range}`)).toLowerCase();
      if (needles.some((needle) => answer.includes(needle))) found.push(name);
    }
  return found;
}
