/** The dashboard of queues: that of the batches, and one for each action that is at work. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { KoaAdapter } from '@bull-board/koa';
import type { Queue } from 'bullmq';
import type { Middleware } from 'koa';
import type { QueueBoard } from '../follow-up/queue-board.js';

export interface Dashboard extends QueueBoard {
  /** Serves /queues. */
  middleware: Middleware;
}

export function createDashboard(): Dashboard {
  const server = new KoaAdapter();
  server.setBasePath('/queues');
  const board = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: { uiConfig: { boardTitle: 'Vidhuk: queues', hideDocsLink: true } },
  });
  return {
    middleware: server.registerPlugin(),
    show: (queue) => board.addQueue(new BullMQAdapter(queue as Queue)),
    hide: ({ name }) => board.removeQueue(name),
  };
}
