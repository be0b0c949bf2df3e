import { InvalidArgumentError } from 'commander';

/** So many a second: `50` or `50/s`; at most a hundred thousand. */
export function parseRate(text: string): number {
  const [, digits] = /^(\d{1,6})(?:\/s)?$/.exec(text) ?? [];
  const rate = Number(digits);
  if (!(rate >= 1 && rate <= 100_000)) throw new InvalidArgumentError('Write it as 50 or 50/s: so many a second.');
  return rate;
}
