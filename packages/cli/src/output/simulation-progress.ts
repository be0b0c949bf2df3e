/** How far a simulation is: a bar where a person watches, single lines about stalls elsewhere. */
import { SingleBar } from 'cli-progress';
import { formatDuration } from './simulation-report.js';
import type { RequestRecord } from '@vidhuk/simulator';

/** Gets told what happens; draws on `stream`. */
export interface Progress {
  onRequest(record: RequestRecord): void;
  onWait(failures: number, waitMs: number): void;
  stop(): void;
}

/** A progress display on `stream` (standard error) for a run of `total` activities; `timeScale` is the sender's. */
export function showProgress(stream: NodeJS.WriteStream, { total, timeScale }: { total: number; timeScale: number }): Progress {
  let acknowledged = 0;
  let lastBatch = -1;
  let lastAnswer = '';
  const bar = stream.isTTY
    ? new SingleBar({
        stream,
        format: '{bar} {percentage}% | {value}/{total} activities | {eta_formatted} left | {state}',
        hideCursor: true,
      })
    : undefined;
  bar?.start(total, 0, { state: 'checking the URL' });
  return {
    onRequest({ kind, batch, activities, answer }) {
      lastAnswer = 'status' in answer ? String(answer.status) : answer.error;
      if (kind === 'check' || lastAnswer !== '200' || batch === lastBatch) return;
      lastBatch = batch;
      acknowledged += activities;
      bar?.update(acknowledged, { state: 'sending' });
    },
    onWait(failures, waitMs) {
      const here = timeScale === 1 ? '' : ` (here ${formatDuration(waitMs / timeScale)})`;
      const reason = lastAnswer === '200' ? 'answer lost' : lastAnswer;
      const state = `${reason}: repeats after ${formatDuration(waitMs)}${here}, all the rest waits`;
      if (bar) bar.update({ state });
      else if (failures === 1) stream.write(`after ${acknowledged} of ${total} activities: ${state}\n`);
    },
    stop() {
      bar?.stop();
    },
  };
}
