/** What a user would build instead of Vidhuk, from the plainest to the fastest queue. */
import { bullmq } from './bullmq.js';
import { graphileWorker } from './graphile-worker.js';
import { pgBoss } from './pg-boss.js';
import { tutorial } from './tutorial.js';

export const alternatives = [tutorial, bullmq, pgBoss, graphileWorker];
