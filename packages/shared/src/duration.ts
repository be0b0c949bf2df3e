/** Durations in the configuration: ms as a number, or a text such as `30s`, `5m`, `6h`, `2d`. */

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export const durationPattern = '^(0*[1-9]\\d*)(ms|s|m|h|d)$';
export const durationDescription = 'a duration such as 500ms, 30s, 5m, 6h, 2d, or ms as a number';

/** ms; NaN for a text that is no duration. */
export function toMs(duration: number | string): number {
  if (typeof duration === 'number') return duration;
  const [, amount, unit] = new RegExp(durationPattern).exec(duration) ?? [];
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
}
