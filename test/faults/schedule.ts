/** From a seed to the whole schedule of its faults. Pure: the same seed and kinds give the same schedule. */
import { Random } from '../../packages/simulator/src/random.js';
import type { ClusterShape, FaultKind } from './fault.js';

export interface ScheduledFault {
  /** Since the seed began. */
  atMs: number;
  /** Until it is healed. */
  forMs: number;
  kind: string;
  target: string;
}

/** Faults begin within this time. */
const windowMs = 3_500;

/** Three to five faults, which may overlap, in order of their beginning; no target has two of one kind. */
export function scheduleOf(seed: number, kinds: readonly FaultKind[], shape: ClusterShape): ScheduledFault[] {
  const random = new Random(seed, 0xfa17);
  const possible = kinds.filter(({ targets }) => targets(shape).length > 0);
  const chosen = new Map<string, ScheduledFault>();
  for (let left = random.integer(3, 5); left > 0; left--) {
    const kind = pickWeighted(possible, random);
    const target = random.pick(kind.targets(shape) as [string, ...string[]]);
    const atMs = random.integer(0, windowMs);
    const [shortest, longest] = kind.forMs;
    const forMs = random.integer(shortest, longest);
    chosen.set(`${kind.name} ${target}`, { atMs, forMs, kind: kind.name, target });
  }
  return [...chosen.values()].sort((a, b) => a.atMs - b.atMs);
}

function pickWeighted(kinds: readonly FaultKind[], random: Random): FaultKind {
  const total = kinds.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let at = random.fraction() * total;
  for (const kind of kinds) {
    at -= kind.weight ?? 1;
    if (at < 0) return kind;
  }
  throw new Error('there is no kind of fault to choose from');
}
