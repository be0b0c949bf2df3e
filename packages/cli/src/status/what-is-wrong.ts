/** What somebody should do something about, of all that `vidhuk status` saw. */
import { counted } from '../output/plural.js';
import type { Status } from './read-status.js';

/** ms; a batch that waits so long is one that nobody takes. */
const oldMs = 60_000;

/** One sentence for each, with what to do; empty where all is well. */
export function whatIsWrong({ processes, database, queue, sources, inForce }: Status): string[] {
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
  else
    wrong.push(
      ...database.actions.disabled.map(
        ({ action, reason }) => `"${action}" is disabled (${reason}): "vidhuk actions enable ${action}" when its reason is gone`,
      ),
    );
  if ('error' in queue) return queue.forbidden ? wrong : [...wrong, queue.error];
  if (queue.failed > 0)
    wrong.push(`${counted(queue.failed, 'batch', 'batches')} failed: retry on the dashboard, and look at the worker’s log`);
  if (queue.paused) wrong.push('the queue is paused: nobody takes batches until it is resumed on the dashboard');
  else if (queue.oldestMs > oldMs)
    wrong.push('batches wait and nobody takes them: is a worker running? "vidhuk doctor" tells more');
  return wrong;
}
