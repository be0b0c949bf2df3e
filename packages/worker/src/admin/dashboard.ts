/** The dashboard of queues: that of the batches, and one for each action that is at work. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { KoaAdapter } from '@bull-board/koa';
import type { JobQueue } from '@vidhuk/shared';
import type { Queue } from 'bullmq';
import type { Middleware } from 'koa';

export interface QueueBoard {
  show<Data>(queue: JobQueue<Data>): void;
  hide(queue: { name: string }): void;
}

export interface Dashboard extends QueueBoard {
  /** Serves /queues. */
  middleware: Middleware;
}

export function createDashboard(): Dashboard {
  const server = new KoaAdapter();
  server.setBasePath('/queues');
  const board = createBullBoard({ queues: [], serverAdapter: server });
  return {
    middleware: server.registerPlugin(),
    show: (queue) => board.addQueue(new BullMQAdapter(queue as Queue)),
    hide: ({ name }) => board.removeQueue(name),
  };
}
