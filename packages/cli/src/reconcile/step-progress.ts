/** How far a run is: a bar on a terminal, nothing elsewhere. */
import { SingleBar } from 'cli-progress';

export interface StepProgress {
  /** `done` of `total`, whatever they count; `theirs`: activities so far. */
  on(done: number, theirs: number): void;
  stop(): void;
}

export function showSteps(stream: NodeJS.WriteStream, total: number): StepProgress {
  if (!stream.isTTY) return { on: () => undefined, stop: () => undefined };
  const format = '{bar} {percentage}% | {theirs} activities | {eta_formatted} left';
  const bar = new SingleBar({ stream, format, hideCursor: true, clearOnComplete: true });
  bar.start(Math.max(total, 1), 0, { theirs: 0 });
  return {
    on: (done, theirs) => bar.update(Math.min(done, total), { theirs }),
    stop: () => bar.stop(),
  };
}
