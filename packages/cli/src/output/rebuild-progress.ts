/** How far a rebuild is, a line now and then on standard error. */
import { toMs } from '@vidhuk/shared';
import type { RebuildProgress } from '@vidhuk/worker/history';
import type { AnswerOptions } from './answer.js';
import { counted } from './plural.js';
import { inLine, printAside } from './print.js';

const everyMs = toMs('10s');

/** Nothing with `--json`. The time that is left is told by the pace since this process began. */
export function showRebuild({ json }: AnswerOptions): (progress: RebuildProgress) => void {
  if (json) return () => undefined;
  const begun = performance.now();
  let told = begun;
  let doneBefore: number | undefined;
  return (progress) => {
    doneBefore ??= progress.elementsDone;
    const now = performance.now();
    if (now - told < everyMs) return;
    told = now;
    printAside(describeProgress(progress, (progress.elementsDone - doneBefore) / (now - begun)));
  };
}

/** `pace` in elements per ms. */
export function describeProgress(
  { what, open, slices, elementsDone, elements, problem, holders = [] }: RebuildProgress,
  pace: number,
): string {
  const trouble = problem === null ? '' : `; trouble: ${inLine(problem)}`;
  if (what === 'waiting for the tables')
    return `waits for the tables${holders.length === 0 ? '' : `, which ${holders.map((holder) => inLine(holder)).join(', ')} reads or writes`}`;
  if (what !== 'bodies') return `${what}: ${counted(open, 'slice')} of ${slices} left${trouble}`;
  const left = pace > 0 ? `, about ${describeSeconds((elements - elementsDone) / pace / 1_000)} left` : '';
  return `${counted(elementsDone, 'element')} of ${counted(elements, 'element')}${left}${trouble}`;
}

function describeSeconds(seconds: number): string {
  if (seconds < 100) return counted(Math.round(seconds), 'second');
  return seconds < 6_000 ? counted(Math.round(seconds / 60), 'minute') : counted(Math.round(seconds / 3_600), 'hour');
}
