/** Plays a schedule of faults against the cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../packages/simulator/src/random.js';
import { until } from '../support/poll.js';
import type { Cluster } from './cluster.js';
import { faultKinds } from './faults/index.js';
import type { ScheduledFault } from './schedule.js';

export interface PlayedFault extends ScheduledFault {
  /** `performance.now()` when it was over; null: it could not strike, because another fault was in its way. */
  healedAtMs: number | null;
  /** Why it could not strike. */
  prevented?: string;
}

/** Resolves when all is healed; rejects when something cannot be healed, after everything else was. */
export async function playFaults(cluster: Cluster, seed: number, schedule: readonly ScheduledFault[]): Promise<PlayedFault[]> {
  const playing = schedule.map((fault, index) => playFault(cluster, fault, new Random(seed, index)));
  await Promise.allSettled(playing); // what still strikes, or is not healed yet, would do so beside the checks that follow
  return Promise.all(playing);
}

async function playFault(cluster: Cluster, fault: ScheduledFault, random: Random): Promise<PlayedFault> {
  const kind = faultKinds.find(({ name }) => name === fault.kind);
  if (kind === undefined) throw new Error(`there is no fault "${fault.kind}"`);
  await sleep(fault.atMs);
  let heal: () => Promise<void>;
  try {
    heal = await kind.strike(cluster, fault.target, random);
  } catch (error) {
    return { ...fault, healedAtMs: null, prevented: String(error).split('\n')[0] ?? '' };
  }
  await sleep(fault.forMs);
  // The means of healing may be away by another fault.
  await until(`"${fault.kind}" on ${fault.target} is healed`, () => heal().then(() => true), { timeoutMs: 60_000, everyMs: 100 });
  return { ...fault, healedAtMs: performance.now() };
}
