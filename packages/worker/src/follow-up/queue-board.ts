import type { JobQueue } from '@vidhuk/shared';

/** Where people see the queues of the actions that are at work. */
export interface QueueBoard {
  show<Data>(queue: JobQueue<Data>): void;
  hide(queue: { name: string }): void;
}
