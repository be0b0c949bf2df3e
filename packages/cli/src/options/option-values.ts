/** From the text of a command line option to its value; throws commander's InvalidArgumentError, which names the option. */
import { InvalidArgumentError } from 'commander';

/** An http or https URL, unchanged. */
export function parseUrl(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') throw new InvalidArgumentError('It must begin with http:// or https://.');
  return text;
}

/** `name: value`, added to the headers before it; names in lower case. */
export function parseHeader(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write it as "name: value".');
  return { ...before, [name.toLowerCase()]: value };
}

/** A whole number within the safe integers. */
export function parseInteger(text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** A whole number from 0. */
export function parseCount(text: string): number {
  const value = parseInteger(text);
  if (value < 0) throw new InvalidArgumentError('It must not be negative.');
  return value;
}

/** A whole number from 1. */
export function parsePositive(text: string): number {
  const value = parseInteger(text);
  if (value < 1) throw new InvalidArgumentError('It must be 1 or more.');
  return value;
}

/** Any number above 0. */
export function parsePositiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** `1%` or `0.01`, as a number from 0 to 1. */
export function parseShare(text: string): number {
  const [, digits, percent] = /^(\d*\.?\d+)(%?)$/.exec(text) ?? [];
  const share = Number(digits) / (percent === '%' ? 100 : 1);
  if (!(share <= 1)) throw new InvalidArgumentError('Write it as 1% or 0.01.');
  return share;
}

/** A date or time in ISO 8601; a date alone is midnight UTC. */
export function parseDate(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('Write it as 2026-09-01 or 2026-09-01T08:30:00Z.');
  return date;
}
