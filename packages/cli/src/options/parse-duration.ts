import { InvalidArgumentError } from 'commander';
import { toMs } from '@vidhuk/shared';

/** An option's value such as `12h` in ms; it begins after 1970. */
export function parseDuration(text: string): number {
  const ms = toMs(text);
  if (!(ms < Date.now())) throw new InvalidArgumentError('use a number and a unit: 90s, 30m, 12h, 7d');
  return ms;
}
