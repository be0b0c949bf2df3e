/** Processes that die, stand still or are restarted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { lockMs } from '../configuration.js';
import type { Cluster } from '../cluster.js';
import { nothingToHeal, processesOf, serversOf, type FaultKind } from '../fault.js';

type Blow = Pick<FaultKind, 'targets' | 'strike'>;

const killAll = async ({ processes, stores }: Cluster): Promise<() => Promise<void>> => {
  for (const process of processes.values()) process.signal('SIGKILL');
  await Promise.all([...stores.values()].map((store) => store.bringDown('kill')));
  return async () => {
    await Promise.all([...stores.values()].map((store) => store.release()));
  };
};

const freeze: Blow = {
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

/** Its supervisor starts it again. */
const signalled = (signal: 'SIGKILL' | 'SIGTERM'): Blow => ({
  targets: processesOf,
  strike(cluster, target) {
    cluster.process(target).signal(signal);
    return Promise.resolve(nothingToHeal);
  },
});

const broughtDown = (how: 'kill' | 'stop'): Blow => ({
  targets: serversOf,
  async strike(cluster, target) {
    await cluster.store(target).bringDown(how);
    return () => cluster.store(target).release();
  },
});

export const processFaults: FaultKind[] = [
  { name: 'process killed', weight: 2, forMs: [0, 0], ...signalled('SIGKILL') },
  { name: 'server killed', weight: 2, forMs: [100, 2_000], ...broughtDown('kill') },
  { name: 'everything killed at once', weight: 0.5, forMs: [100, 500], targets: () => ['everything'], strike: killAll },
  { name: 'process restarted (SIGTERM)', forMs: [0, 0], ...signalled('SIGTERM') },
  {
    // Harsher than a rolling restart, which would wait for each to be ready.
    name: 'all processes restarted 400 ms apart',
    weight: 0.5,
    forMs: [0, 0],
    targets: () => ['all processes'],
    async strike(cluster) {
      for (const name of processesOf(cluster.shape)) {
        cluster.process(name).signal('SIGTERM');
        await sleep(400);
      }
      return nothingToHeal;
    },
  },
  { name: 'server restarted in order', forMs: [0, 500], ...broughtDown('stop') },
  { name: 'frozen (SIGSTOP)', weight: 1.5, forMs: [300, 2_000], ...freeze },
  { name: 'frozen for longer than the job lock', weight: 0.7, forMs: [lockMs + 500, lockMs + 2_500], ...freeze },
];
