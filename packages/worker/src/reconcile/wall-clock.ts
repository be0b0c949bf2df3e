/** The clock of a source: roads are asked by it, for `activityDateTime` carries no offset. */
import { DateTime } from 'luxon';

/** What a clock shows, as ms since 1970 that it would be if it showed UTC: unlike times it never repeats an hour. */
export type ClockMs = number;

/** What the clock of `timeZone` shows at `time`, ms since 1970. */
export const clockOf = (time: number, timeZone: string): ClockMs =>
  timeZone === 'UTC' ? time : time + DateTime.fromMillis(time, { zone: timeZone }).offset * 60_000;

/** Some time at which the clock of `timeZone` shows, or nearly shows, `clock`: an hour may be skipped, another may come twice. */
export function timeOf(clock: ClockMs, timeZone: string): number {
  if (timeZone === 'UTC') return clock;
  return DateTime.fromMillis(clock, { zone: 'UTC' }).setZone(timeZone, { keepLocalTime: true }).toMillis();
}

/** `YYYY-MM-DDTHH:MM:SS`. */
export const textOfClock = (clock: ClockMs): string => new Date(clock).toISOString().slice(0, 19);

/** Of a text that begins so; NaN for another. */
export const clockOfText = (text: string): ClockMs => Date.parse(`${text.slice(0, 19)}Z`);

/** The second that has begun. */
export const wholeSecond = (clock: ClockMs): ClockMs => Math.floor(clock / 1_000) * 1_000;
