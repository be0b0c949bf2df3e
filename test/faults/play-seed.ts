/** One seed: a feed under its faults, then everything is healed, and the cluster has to drain by itself. */
import { join } from 'node:path';
import { messageOf } from '../../packages/shared/src/index.js';
import { describeDifference } from '../../packages/simulator/src/verify/difference.js';
import type { SendOutcome } from '../../packages/simulator/src/sender.js';
import { verifyLedger, type Verification } from '../../packages/simulator/src/verify/verify.js';
import { dueOf, type Due } from './check-follow-ups.js';
import type { Cluster } from './cluster.js';
import { faultKinds } from './faults/index.js';
import { feedDuring } from './feed-during.js';
import { scheduleOf } from './schedule.js';
import type { HostileRequests } from './stranger.js';
import { playFaults, type PlayedFault } from './strike.js';

/** How long a feed may stall, and the log may take to drain, after everything was healed. */
const drainWithinMs = 120_000;

export interface PlayedSeed {
  seed: number;
  faults: PlayedFault[];
  acknowledged: number;
  /** Requests of a stranger beside the feed. */
  hostileRequests: number;
  /** Acknowledged and neither in the log nor in quarantine. */
  lost: number;
  doubled: number;
  /** Everything that is wrong, for people. */
  problems: string[];
  longestStallMs: number;
  /** From the last healing until everything acknowledged was in the database. */
  drainedAfterMs: number;
  /** By kind, from the healing to the next 200. */
  feedRecoveries: { kind: string; ms: number }[];
  due: Due;
  seconds: number;
}

export async function playSeed(cluster: Cluster, seed: number): Promise<PlayedSeed> {
  const path = join(cluster.folder, `seed-${seed}.ledger`);
  const startedAtMs = performance.now();
  const fed = await feedDuring(cluster, { seed, path, patienceMs: drainWithinMs }, async () => {
    const faults = await playFaults(cluster, seed, scheduleOf(seed, faultKinds, cluster.shape));
    await cluster.untilDatabaseAnswers();
    return { faults, healedAtMs: performance.now() };
  });
  const { outcome, summary, acknowledgedAtMs, hostile } = fed;
  const { faults, healedAtMs } = fed.trouble;
  const verify = () =>
    cluster.withClient((client) => verifyLedger({ path, client, timeoutMs: drainWithinMs, quietMs: drainWithinMs, limit: 10 }));
  const drained = judge(outcome, await verify(), hostile);
  const drainedAfterMs = Math.max(0, performance.now() - healedAtMs);
  const asides = await finishAsides(cluster);
  const finished = judge(outcome, await verify(), hostile);
  return {
    ...{ seed, faults },
    lost: Math.max(drained.lost, finished.lost),
    doubled: Math.max(drained.doubled, finished.doubled),
    problems: [...new Set([...drained.problems, ...asides, ...finished.problems])],
    acknowledged: summary.activities.acknowledged,
    hostileRequests: hostile.sent,
    longestStallMs: summary.longestStallMs,
    drainedAfterMs,
    feedRecoveries: feedRecoveriesOf(faults, acknowledgedAtMs),
    due: await dueOf(path),
    seconds: (performance.now() - startedAtMs) / 1000,
  };
}

/** Looked at only when all were done: a rebuild puts other tables in place of those that the others have left. Gives what is wrong. */
async function finishAsides(cluster: Cluster): Promise<string[]> {
  const asides = Object.values(cluster.asides);
  const problems: string[] = [];
  for (const aside of asides) problems.push(...(await aside.finish(cluster).catch((error: unknown) => [messageOf(error)])));
  for (const aside of asides)
    problems.push(...((await aside.check?.(cluster).catch((error: unknown) => [messageOf(error)])) ?? []));
  return problems;
}

/** `acknowledgedAtMs` on the clock of the faults, ascending. None of a fault that could not strike, or that the feed's end came before. */
export function feedRecoveriesOf(
  faults: readonly Pick<PlayedFault, 'kind' | 'healedAtMs'>[],
  acknowledgedAtMs: readonly number[],
): PlayedSeed['feedRecoveries'] {
  return faults.flatMap(({ kind, healedAtMs: from }) => {
    const next = from === null ? undefined : acknowledgedAtMs.find((at) => at >= from);
    return from === null || next === undefined ? [] : [{ kind, ms: next - from }];
  });
}

/** What is wrong with a seed, of all that was seen of it. */
export function judge(
  { end }: Pick<SendOutcome, 'end'>,
  { totals, differences }: Pick<Verification, 'totals' | 'differences'>,
  hostile: Pick<HostileRequests, 'problems'>,
): Pick<PlayedSeed, 'lost' | 'doubled' | 'problems'> {
  const stood = end === 'complete' ? [] : [`the feed stood still for ${drainWithinMs / 1000} s after all was healed`];
  return {
    lost: (totals['missing-activity'] ?? 0) + (totals['missing-rejection'] ?? 0),
    doubled: totals['repeated-activity'] ?? 0,
    problems: [...stood, ...differences.map(describeDifference), ...hostile.problems],
  };
}
