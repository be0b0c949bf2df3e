/** Takes back what was handed to the queue for actions that the configuration does not have any more: nobody would ever call it, nor say so. */
import { messageOf, type Logger, type QueueStore } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../db/transaction.js';
import type { Action } from './action.js';
import { followUpQueueName } from './action-runner.js';
import type { FollowUpJob } from './follow-up-job.js';
import { reclaimJobs, selectRemovedJobs } from './sql/claim-follow-ups.js';

/** So long a worker that still has the action may take for its calls. */
const olderThanMs = 60_000;

/** Its rows wait again: `vidhuk doctor` and the log tell of them, and they are called when the action comes back. Rejects for nothing. */
export async function settleRemoved(
  { store, dataSource, log }: { store: QueueStore; dataSource: DataSource; log: Logger },
  actions: readonly Action[],
): Promise<void> {
  try {
    const names = actions.map(({ name }) => name);
    const removed = await inTransaction(dataSource, (client) => selectRemovedJobs(client, names, olderThanMs));
    for (const { action, jobIds } of removed) {
      const queue = await store.openQueue<FollowUpJob>(followUpQueueName(action));
      await queue.drain(true).finally(() => queue.close());
      const rows = await inTransaction(dataSource, (client) => reclaimJobs(client, action, jobIds));
      log.warn(
        { action, rows },
        'an action is gone from the configuration, and what was queued for it waits: put it back, or cancel its follow-ups',
      );
    }
  } catch (error) {
    log.warn(
      { err: messageOf(error) },
      'what is queued for actions that are gone could not be taken back; the next start tries again',
    );
  }
}
