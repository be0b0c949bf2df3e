/** Times for people: UTC, and how long ago. */

const units = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** `2023-09-14T08:30:03Z`. */
export const formatTime = (time: Date): string => time.toISOString().replace(/\.\d{3}Z$/, 'Z');

/** `3 days ago`, `in 2 hours`. */
export function formatAge(time: Date, now = Date.now()): string {
  const ms = time.getTime() - now;
  const [unit, unitMs] = units.find(([, size]) => Math.abs(ms) >= size) ?? units[5];
  return relative.format(Math.trunc(ms / unitMs), unit);
}

/** Both, or a dash. */
export const formatTimeAndAge = (time: Date | null): string => (time === null ? '–' : `${formatTime(time)} (${formatAge(time)})`);

/** In a table: how long ago, or exactly where it was asked for. A dash where there is none. */
export const timeCell = (time: Date | null, exact = false): string =>
  time === null ? '–' : exact ? formatTime(time) : formatAge(time);
