/** What somebody should do something about, of all that `vidhuk status` saw. */
import { counted } from '../output/plural.js';
import type { QueueStatus } from './read-queue.js';
import type { Status } from './read-status.js';

/** ms; what waits so long is taken by nobody. */
const oldMs = 60_000;

/** One sentence for each, with what to do; empty where all is well. */
export function whatIsWrong({ processes, database, queue, requestQueue, sources, inForce }: Status): string[] {
  const wrong = processes
    .filter(({ state }) => state === 'not ready')
    .map(({ name, at, reasons }) => `the ${name} at ${at} is not ready: ${reasons.join('; ')}`);
  if (processes.every(({ state }) => state === 'absent'))
    wrong.push('neither ingress nor worker answers on this machine: start them');
  if ('error' in sources) wrong.push(sources.error);
  // Where the file cannot be read, that was told just now.
  if (!('error' in inForce))
    wrong.push(...inForce.filter(({ level }) => level === 'warning').map(({ text, remedy = '' }) => `${text}: ${remedy}`));
  if ('error' in database) wrong.push(...(database.forbidden ? [] : [database.error]));
  else {
    const { moving } = database.quarantine;
    if (moving > 0)
      wrong.push(
        `${counted(moving, 'broken element')} may say that somebody must not be written to: look with "vidhuk quarantine list"`,
      );
    wrong.push(
      ...database.actions.disabled.map(
        ({ action, reason }) => `"${action}" is disabled (${reason}): "vidhuk actions enable ${action}" when its reason is gone`,
      ),
    );
  }
  if ('error' in queue) return queue.forbidden ? wrong : [...wrong, queue.error];
  wrong.push(...wrongWith(queue, 'the queue', ['batch', 'batches']));
  // It is in the same store.
  if (!('error' in requestQueue))
    wrong.push(
      ...wrongWith(requestQueue, 'the queue of requests of workflows', ['request of a workflow', 'requests of workflows']),
    );
  return wrong;
}

function wrongWith({ failed, paused, oldestMs }: QueueStatus, queue: string, [one, several]: [string, string]): string[] {
  const wrong =
    failed > 0 ? [`${counted(failed, one, several)} failed: retry on the dashboard, and look at the worker’s log`] : [];
  if (paused) return [...wrong, `${queue} is paused: nobody takes ${several} until it is resumed on the dashboard`];
  if (oldestMs > oldMs) wrong.push(`${several} wait and nobody takes them: is a worker running? "vidhuk doctor" tells more`);
  return wrong;
}
