/** How one queue fares: what waits, what failed, and whether anybody takes it. */
import { messageOf, type JobQueue, type QueueStore } from '@vidhuk/shared';
import { QueueMonitor } from '@vidhuk/worker/queue';
import { isForbidden, ok, problem, warning, type Finding } from './check.js';

/** ms; that something has waited so long means that nobody takes it. */
const oldMs = 60_000;

/** `what`: what waits in it, in the plural. */
export async function examineQueue(store: QueueStore, name: string, what: string): Promise<Finding[]> {
  let queue: JobQueue<unknown>;
  try {
    queue = await store.openQueue<unknown>(name);
  } catch (error) {
    if (store.kind !== 'postgres' || isForbidden(error)) throw error;
    return [problem(messageOf(error), 'run "vidhuk migrate"')];
  }
  try {
    const monitor = new QueueMonitor(queue);
    const { waiting = 0, active = 0, delayed = 0, failed = 0 } = await monitor.counts();
    const ageMs = await monitor.oldestWaitingMs();
    const oldest = waiting === 0 ? '' : ` (the oldest for ${Math.round(ageMs / 1000)} s)`;
    const text = `${waiting} waiting${oldest}, ${active} in work, ${delayed} delayed, ${failed} failed`;
    if (failed > 0)
      return [problem(text, `failed ${what} should not exist: retry them on the dashboard /queues and look at the worker’s log`)];
    if (await monitor.isPaused())
      return [warning(`paused: ${text}`, `nobody takes ${what} until it is resumed: on the worker’s dashboard, /queues`)];
    return ageMs > oldMs
      ? [warning(text, 'is a worker running? "vidhuk doctor" on its machine, and its log, tell more')]
      : [ok(text)];
  } finally {
    await queue.close();
  }
}
