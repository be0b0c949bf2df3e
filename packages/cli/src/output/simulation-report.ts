/** The figures of a simulation for people: one table, numbers aligned to the right. */
import Table from 'cli-table3';
import type { SendSummary } from '@vidhuk/simulator';

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A duration in the unit that suits it, for example `3.2 ms`, `41.0 s`, `12.5 min`, `3.5 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${ms.toFixed(1)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${(ms / 60_000).toFixed(1)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** `timeScale` is that of the run: a stall is also shown as long as it would have been for the vendor. */
export function reportTable(summary: SendSummary, timeScale: number): string {
  const { batches, activities, answers, answerMs, longestStallMs, seconds, activitiesPerSecond } = summary;
  const stall = formatDuration(longestStallMs);
  const table = new Table({ colAligns: ['left', 'right', 'right'], style: { head: [], border: [], compact: true } });
  table.push(
    ['', 'batches', 'activities'],
    ['sent', number.format(batches.sent), number.format(activities.sent)],
    ['acknowledged', number.format(batches.acknowledged), number.format(activities.acknowledged)],
    ['repeated', number.format(batches.repeated), ''],
    ...Object.entries(answers).map(([answer, times]) => [
      /^\d+$/.test(answer) ? `answered ${answer}` : `failed ${answer}`,
      number.format(times),
      '',
    ]),
    [
      'longest stall',
      timeScale === 1 || longestStallMs === 0 ? '' : `vendor’s ${formatDuration(longestStallMs * timeScale)}`,
      stall,
    ],
    ['answer p50', '', formatDuration(answerMs.p50)],
    ['answer p99', '', formatDuration(answerMs.p99)],
    ['took', '', formatDuration(seconds * 1_000)],
    ['speed', '', `${number.format(activitiesPerSecond)}/s`],
  );
  return table.toString();
}
