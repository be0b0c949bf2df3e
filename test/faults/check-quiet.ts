/** After the last seed: nothing is left in the queues, held, or leaked, and nobody had to restart anything. */
import { openBatchQueue } from '../support/batch-queue.js';
import { until } from '../support/poll.js';
import type { Cluster } from './cluster.js';

/** A follow-up whose job was lost is looked for after 60 s, every 30 s. */
const settledWithinMs = 150_000;
const megabyte = 2 ** 20;
/** Far above what a process needs that leaks nothing (about 120 MiB), far below what one has that does. */
const mostMemory = 400 * megabyte;
const mostDescriptors = 200;

/** Waits until no follow-up is waiting or queued; gives what is left. */
export async function untilFollowUpsSettled(cluster: Cluster, timeoutMs = settledWithinMs): Promise<string[]> {
  const left = async () => {
    const { rows } = await cluster.withClient((client) =>
      client.query<{ text: string }>(
        `select format('%s rows of %s are %s: %s', count(*), action, state, max(last_error)) as text
         from vidhuk.follow_up where state <> 'done' group by action, state`,
      ),
    );
    return rows.map(({ text }) => text);
  };
  const settled = async () => (await left()).length === 0;
  return until('settled', settled, { timeoutMs, everyMs: 500 }).then(
    () => [],
    () => left(),
  );
}

/** Everything that should not be so. */
export async function checkQuiet(cluster: Cluster): Promise<string[]> {
  const problems: string[] = [];
  const batches = await openBatchQueue(cluster.queueUrl);
  try {
    const isEmpty = async () => Object.values(await batches.counts()).every((jobs) => jobs === 0);
    await until('the queue is empty', isEmpty, { timeoutMs: 60_000 }).catch(async () => {
      problems.push(`the queue of batches is not empty: ${JSON.stringify(await batches.counts())}`);
    });
  } finally {
    await batches.close();
  }
  for (const process of cluster.processes.values()) {
    await process.untilReady(30_000).catch((error: unknown) => problems.push(String(error)));
    const { rss = 0, descriptors = 0 } = process.usage() ?? {};
    if (rss > mostMemory) problems.push(`${process.name} has ${Math.round(rss / megabyte)} MiB of memory`);
    if (descriptors > mostDescriptors) problems.push(`${process.name} has ${descriptors} open descriptors`);
  }
  const { rows } = await cluster.withClient((client) =>
    client.query<{ text: string }>(
      `select format('a connection of %s has been idle in a transaction since %s', application_name, xact_start) as text
       from pg_stat_activity where state like 'idle in transaction%' and state_change < now() - interval '10 s'`,
    ),
  );
  return [...problems, ...rows.map(({ text }) => text)];
}
