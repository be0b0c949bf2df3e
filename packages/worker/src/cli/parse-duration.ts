import { InvalidArgumentError } from 'commander';
import { toMs } from '../follow-up/duration.js';

/** An option's value such as `12h` in ms. */
export function parseDuration(text: string): number {
  if (!/^\d+(ms|s|m|h|d)$/.test(text)) throw new InvalidArgumentError('use a number and a unit: 90s, 30m, 12h, 7d');
  return toMs(text);
}
