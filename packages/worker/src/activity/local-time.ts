/** `activityDateTime` has no offset: it is local time in the source's time zone. */
import { DateTime } from 'luxon';

const pattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;
/** Later times have years of five digits, which PostgreSQL does not read in this form. */
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * ms since 1970 of a text `YYYY-MM-DDTHH:MM:SS` in `timeZone` (IANA name); a fraction is cut to ms, an offset in the text wins over the zone.
 * `undefined` for what no clock of that zone ever showed: 30 February, 25 o'clock, the hour that daylight saving time skips. Of the hour that it
 * repeats the first is taken, always, so that one text is one time.
 */
export function parseLocalTime(text: string, timeZone: string): number | undefined {
  const time = firstTime(text, timeZone);
  return time === undefined || time > latest ? undefined : time;
}

function firstTime(text: string, timeZone: string): number | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', offset] = match;
  const fields = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  };
  const millisecond = Number(fraction.padEnd(3, '0').slice(0, 3));
  // Date.UTC rolls 30 February over to March, and takes years below 100 for 19xx: what does not come back as it went in, does not exist.
  const utc = Date.UTC(fields.year, fields.month - 1, fields.day, fields.hour, fields.minute, fields.second, millisecond);
  const date = new Date(utc);
  const exists =
    date.getUTCFullYear() === fields.year && date.getUTCMonth() === fields.month - 1 && date.getUTCDate() === fields.day;
  if (!exists || fields.hour > 23 || fields.minute > 59 || fields.second > 59) return undefined;
  if (offset === 'Z' || (offset === undefined && timeZone === 'UTC')) return utc;
  if (offset !== undefined) return utc - offsetMs(offset);
  const local = DateTime.fromObject({ ...fields, millisecond }, { zone: timeZone });
  // Luxon moves a skipped time forward by the gap.
  if (!local.isValid || local.hour !== fields.hour || local.minute !== fields.minute) return undefined;
  return Math.min(...local.getPossibleOffsets().map((possible) => possible.toMillis()));
}

function offsetMs(offset: string): number {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

const secondsEnd = 'YYYY-MM-DDTHH:MM:SS'.length;

/**
 * What the clock of the source showed: the text itself, its fraction cut to ms; of a text with an offset the same moment on that clock. `time` is
 * what {@link parseLocalTime} made of the text.
 */
export function wallClockOf(text: string, timeZone: string, time: number): string {
  const clock = text.length > secondsEnd && /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? onClock(time, timeZone) : text;
  const ms = ((time % 1_000) + 1_000) % 1_000;
  return ms === 0 ? clock.slice(0, secondsEnd) : `${clock.slice(0, secondsEnd)}.${String(ms).padStart(3, '0')}`;
}

const onClock = (time: number, timeZone: string): string =>
  timeZone === 'UTC'
    ? new Date(time).toISOString()
    : DateTime.fromMillis(time, { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
