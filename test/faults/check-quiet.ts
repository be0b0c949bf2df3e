/** After the last seed: nothing is left in the queues, held, or leaked, and nobody had to restart anything. */
import { batchQueueName, openQueueStore } from '../../packages/shared/src/index.js';
import { followUpQueueName } from '../../packages/worker/src/follow-up/action-runner.js';
import { until } from '../support/poll.js';
import { sendRedis } from '../support/stores.js';
import type { Cluster } from './cluster.js';
import { actionNames, databaseConnections } from './configuration.js';
import type { Supervised } from './supervised.js';

/** What of a cluster is looked at. */
export interface Watched extends Pick<Cluster, 'queueUrl' | 'withClient'> {
  readonly processes: ReadonlyMap<string, Pick<Supervised, 'name' | 'untilReady' | 'usage'>>;
}

/** A follow-up whose job was lost is looked for after 60 s, every 30 s; a breaker pauses for 375 s at most. */
const settledWithinMs = 480_000;
const megabyte = 2 ** 20;
/** Far above what a process needs that leaks nothing (about 120 MiB), far below what one has that does. */
const mostMemory = 400 * megabyte;
const mostDescriptors = 200;
/** Of one process; a worker with three actions has six. */
const mostRedisConnections = 10;

/** Waits until no follow-up is waiting or queued; gives what is left. */
export async function untilFollowUpsSettled(
  cluster: Pick<Watched, 'withClient'>,
  timeoutMs = settledWithinMs,
): Promise<string[]> {
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
export async function checkQuiet(
  cluster: Watched,
  patience = { queuesMs: 60_000, readyMs: 30_000, idleMs: 10_000 },
): Promise<string[]> {
  return [
    ...(await checkQueues(cluster, patience.queuesMs)),
    ...(await checkProcesses(cluster, patience.readyMs)),
    ...(await checkConnections(cluster, patience.idleMs)),
  ];
}

/** No job waits, and none is active: with the rows all done and the batches all written, nobody would be at work on it. */
async function checkQueues({ queueUrl }: Watched, timeoutMs: number): Promise<string[]> {
  const store = await openQueueStore(queueUrl, () => undefined);
  try {
    const problems: string[] = [];
    for (const name of [batchQueueName, ...actionNames.map(followUpQueueName)]) {
      const queue = await store.openQueue(name);
      const counts = () => queue.getJobCounts('waiting', 'active', 'delayed', 'failed'); // finished batches stay for a while
      const isEmpty = async () => Object.values(await counts()).every((jobs) => jobs === 0);
      await until('the queue is empty', isEmpty, { timeoutMs }).catch(async () => {
        problems.push(`the queue ${name} is not empty: ${JSON.stringify(await counts())}`);
      });
      await queue.close();
    }
    return problems;
  } finally {
    await store.close();
  }
}

async function checkProcesses({ processes }: Watched, timeoutMs: number): Promise<string[]> {
  const problems: string[] = [];
  for (const process of processes.values()) {
    await process.untilReady(timeoutMs).catch((error: unknown) => problems.push(String(error)));
    const { rss = 0, descriptors = 0 } = process.usage() ?? {};
    if (rss > mostMemory) problems.push(`${process.name} has ${Math.round(rss / megabyte)} MiB of memory`);
    if (descriptors > mostDescriptors) problems.push(`${process.name} has ${descriptors} open descriptors`);
  }
  return problems;
}

/** As the servers see them: whoever ended, was killed or was cut off has left none behind. */
async function checkConnections(cluster: Watched, idleMs: number): Promise<string[]> {
  const { queueUrl, processes } = cluster;
  const problems: string[] = [];
  const { rows } = await cluster.withClient((client) =>
    client.query<{ text: string }>(
      `select format('a connection of %s has been idle in a transaction since %s', application_name, xact_start) as text
       from pg_stat_activity where datname = current_database() and state like 'idle in transaction%' and state_change < now() - $1 * interval '1 ms'
       union all
       select format('%s connections of %s', count(*), application_name)
       from pg_stat_activity where datname = current_database() and application_name = 'vidhuk worker' group by application_name having count(*) > $2`,
      [idleMs, databaseConnections * [...processes.keys()].filter((name) => name.startsWith('worker')).length],
    ),
  );
  problems.push(...rows.map(({ text }) => text));
  if (queueUrl.startsWith('redis')) {
    const connections = Number(/^connected_clients:(\d+)/m.exec(await sendRedis(queueUrl, 'INFO clients'))?.[1]);
    if (!(connections <= mostRedisConnections * processes.size)) problems.push(`${connections} connections to Redis`);
  }
  return problems;
}
