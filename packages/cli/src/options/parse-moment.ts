import { InvalidArgumentError } from 'commander';
import { toMs } from '@vidhuk/shared';

/** A time: so long ago (`12h`, `7d`), or a date or time in ISO 8601, of which a date alone is midnight UTC. */
export function parseMoment(text: string): Date {
  const ago = toMs(text);
  const date = Number.isNaN(ago) ? new Date(isoText(text)) : new Date(Date.now() - ago);
  // PostgreSQL knows no time before 4714 BC, and Node writes years beyond 9999 in a way that it does not read.
  if (Number.isNaN(date.getTime()) || date.getTime() < 0 || date.getUTCFullYear() > 9_999)
    throw new InvalidArgumentError('Write it as 12h, 7d, 2026-09-01 or 2026-09-01T08:30:00Z.');
  return date;
}

/** Without an offset it would be the time of this machine. */
const isoText = (text: string): string =>
  /T\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) ? `${text}Z` : /^\d{4}-/.test(text) ? text : '';
