/** Processes that die, stand still or are restarted. */
import { lockMs } from '../configuration.js';
import type { Cluster } from '../cluster.js';
import { nothingToHeal, processesOf, serversOf, type FaultKind } from '../fault.js';

const killAll = async ({ processes, stores }: Cluster): Promise<() => Promise<void>> => {
  for (const process of processes.values()) process.signal('SIGKILL');
  await Promise.all([...stores.values()].map((store) => store.bringDown('kill')));
  return async () => {
    await Promise.all([...stores.values()].map((store) => store.release()));
  };
};

const freeze: Pick<FaultKind, 'targets' | 'strike'> = {
  targets: (shape) => [...processesOf(shape), ...serversOf(shape)],
  async strike(cluster, target) {
    const store = cluster.stores.get(target);
    if (store === undefined) {
      const process = cluster.process(target);
      process.signal('SIGSTOP');
      return () => {
        process.signal('SIGCONT');
        return Promise.resolve();
      };
    }
    await store.freeze();
    return () => store.thaw();
  },
};

export const processFaults: FaultKind[] = [
  {
    name: 'process killed',
    weight: 2,
    forMs: [0, 0], // its supervisor starts it again
    targets: processesOf,
    strike(cluster, target) {
      cluster.process(target).signal('SIGKILL');
      return Promise.resolve(nothingToHeal);
    },
  },
  {
    name: 'server killed',
    weight: 2,
    forMs: [100, 2_000],
    targets: serversOf,
    async strike(cluster, target) {
      await cluster.store(target).bringDown('kill');
      return () => cluster.store(target).release();
    },
  },
  { name: 'everything killed at once', weight: 0.5, forMs: [100, 500], targets: () => ['everything'], strike: killAll },
  {
    name: 'process restarted (SIGTERM)',
    forMs: [0, 0],
    targets: processesOf,
    strike(cluster, target) {
      cluster.process(target).signal('SIGTERM');
      return Promise.resolve(nothingToHeal);
    },
  },
  {
    name: 'rolling restart of all processes',
    weight: 0.5,
    forMs: [0, 0],
    targets: () => ['all processes'],
    async strike(cluster) {
      for (const name of processesOf(cluster.shape)) {
        cluster.process(name).signal('SIGTERM');
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
      return nothingToHeal;
    },
  },
  {
    name: 'server restarted in order',
    forMs: [0, 500],
    targets: serversOf,
    async strike(cluster, target) {
      await cluster.store(target).bringDown('stop');
      return () => cluster.store(target).release();
    },
  },
  { name: 'frozen (SIGSTOP)', weight: 1.5, forMs: [300, 2_000], ...freeze },
  { name: 'frozen for longer than the job lock', weight: 0.7, forMs: [lockMs + 500, lockMs + 2_500], ...freeze },
];
