/** Stores that are full: by their disks, and Redis by its memory too. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sendRedis } from '../../support/stores.js';
import type { Cluster } from '../cluster.js';
import { serversOf, type ClusterShape, type FaultKind } from '../fault.js';

/** Whoever ends for that is started again meanwhile, as Docker would, and ends again. */
function fillDisks(cluster: Cluster, names: readonly string[]): () => Promise<void> {
  const over = new AbortController();
  for (const name of names) cluster.disks.get(name)?.fill();
  const restarting = names.map(async (name) => {
    while (!over.signal.aborted) {
      await sleep(500);
      // What does not start on a full disk is tried for longer than this lasts.
      void cluster
        .store(name)
        .restart()
        .catch(() => undefined);
    }
  });
  return async () => {
    over.abort();
    for (const name of names) cluster.disks.get(name)?.empty();
    await Promise.all(restarting);
    await Promise.all(names.map((name) => cluster.store(name).restart()));
  };
}

const diskOf = (name: string, product: string): FaultKind => ({
  name: `disk of ${product} full`,
  forMs: [500, 2_500],
  targets: (shape) => (shape.smallDisk && serversOf(shape).includes(name) ? [name] : []),
  strike: (cluster) => Promise.resolve(fillDisks(cluster, [name])),
});

const setMemory = (cluster: Cluster, limit: string) => sendRedis(cluster.queueUrl, `CONFIG SET maxmemory ${limit}`);

const stopWorkers = ({ shape, process }: Cluster): void => {
  for (const name of shape.workers) process(name).signal('SIGTERM');
};

/** Full while workers run, and when they are started again: twice, as somebody would who hopes that it helps. */
const withRestarts = (fill: (cluster: Cluster) => Promise<() => Promise<void>>): FaultKind['strike'] => {
  return async (cluster) => {
    const heal = await fill(cluster);
    for (let time = 0; time < 2; time++) {
      await sleep(300);
      stopWorkers(cluster);
    }
    return heal;
  };
};

const hasDisks = (shape: ClusterShape) => (shape.smallDisk ? ['both stores'] : []);

export const fullFaults: FaultKind[] = [
  diskOf('postgres', 'PostgreSQL'),
  diskOf('redis', 'Redis'),
  {
    name: 'both stores full (disks), workers stopped and started',
    forMs: [1_000, 4_000],
    targets: hasDisks,
    strike: withRestarts((cluster) => Promise.resolve(fillDisks(cluster, serversOf(cluster.shape)))),
  },
  {
    name: 'both stores full (maxmemory, disk), workers stopped and started',
    forMs: [1_000, 4_000],
    targets: (shape) => (shape.backend === 'redis' ? hasDisks(shape) : []),
    strike: withRestarts(async (cluster) => {
      const answer = await setMemory(cluster, '1mb');
      if (!answer.startsWith('+OK')) throw new Error(answer);
      const heal = fillDisks(cluster, ['postgres']);
      return async () => {
        await setMemory(cluster, '0');
        await heal();
      };
    }),
  },
];
