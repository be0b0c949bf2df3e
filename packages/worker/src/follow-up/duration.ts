/** Durations in the configuration: ms as a number, or a text such as `30s`, `5m`, `6h`, `2d`. */
import { Type } from '@sinclair/typebox';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = '^(0*[1-9]\\d*)(ms|s|m|h|d)$';

export const describedDuration = { description: 'a duration such as 500ms, 30s, 5m, 6h, 2d, or ms as a number' };
export const durationSchema = Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern })], describedDuration);

/** ms: the longest pause between two attempts, whether the configuration, a handler or an endpoint asks for it. */
export const longestDelayMs = 30 * unitMs.d;

/** ms of a value that {@link durationSchema} accepts. */
export function toMs(duration: number | string): number {
  if (typeof duration === 'number') return duration;
  const [, amount, unit] = new RegExp(pattern).exec(duration) ?? [];
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
}
