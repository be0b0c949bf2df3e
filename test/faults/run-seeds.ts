/** Seeds one after another on one cluster, and the checks that need quiet in between. */
import { messageOf } from '../../packages/shared/src/index.js';
import { checkFollowUps, type FollowUpFindings } from './check-follow-ups.js';
import { checkQuiet, untilFollowUpsSettled } from './check-quiet.js';
import { Cluster } from './cluster.js';
import type { ClusterShape } from './fault.js';
import { faultKinds } from './faults/index.js';
import { playSeed, type PlayedSeed } from './play-seed.js';
import type { Supervised } from './supervised.js';

export interface RunOptions {
  backend: ClusterShape['backend'];
  seeds: readonly number[];
  /** Aborted: no further seed begins. */
  enough?: AbortSignal;
  /** For logs and ledgers. */
  folder: string;
  onSeed?: (played: PlayedSeed, done: number) => void;
}

export interface RunResult {
  backend: ClusterShape['backend'];
  seeds: (PlayedSeed & { followUps: FollowUpFindings })[];
  /** What is wrong with the cluster as a whole. */
  problems: string[];
  /** Processes that ended by themselves, which their supervisor mended. */
  surprises: string[];
  /** Kinds of fault that have no target here. */
  impossible: string[];
  seconds: number;
}

/** What of a cluster its seeds, and the checks after them, are about. */
export interface Played extends Pick<Cluster, 'shape' | 'queueUrl' | 'withClient' | 'endpoint'> {
  readonly processes: ReadonlyMap<string, Pick<Supervised, 'name' | 'untilReady' | 'usage' | 'surprises'>>;
}

/** So long a seed waits for its follow-ups; what takes longer goes on beside the next seeds, and is checked at the end. */
const patienceMs = 4_000;

export async function runSeeds({ folder, ...options }: RunOptions): Promise<RunResult> {
  const cluster = await Cluster.start(options.backend, folder);
  try {
    return await playSeeds(cluster, options, (seed) => playSeed(cluster, seed));
  } finally {
    await cluster.stop();
  }
}

/** `play` plays one of them on `cluster`. */
export async function playSeeds(
  cluster: Played,
  { backend, seeds, enough, onSeed }: Omit<RunOptions, 'folder'>,
  play: (seed: number) => Promise<PlayedSeed>,
): Promise<RunResult> {
  const startedAtMs = performance.now();
  const played: PlayedSeed[] = [];
  const unplayed: string[] = [];
  for (const seed of seeds) {
    if (enough?.aborted) break;
    try {
      const result = await play(seed);
      await untilFollowUpsSettled(cluster, patienceMs);
      played.push(result);
      onSeed?.(result, played.length);
    } catch (error) {
      unplayed.push(`seed ${seed} could not be played to its end, and no further one: ${messageOf(error)}`);
      break;
    }
  }
  const problems = [...unplayed, ...(await untilFollowUpsSettled(cluster)), ...(await checkQuiet(cluster))];
  const checked: RunResult['seeds'] = [];
  for (const seed of played) checked.push({ ...seed, followUps: await checkFollowUps(cluster, seed.due) });
  const surprises = [...cluster.processes.values()].flatMap((process) => process.surprises);
  const impossible = faultKinds.filter(({ targets }) => targets(cluster.shape).length === 0).map(({ name }) => name);
  return { backend, seeds: checked, problems, surprises, impossible, seconds: (performance.now() - startedAtMs) / 1000 };
}
