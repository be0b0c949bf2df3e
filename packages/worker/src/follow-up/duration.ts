/** Durations as the settings of actions take them. */
import { Type } from '@sinclair/typebox';
import { durationDescription, durationPattern, toMs } from '@vidhuk/shared';

export const describedDuration = { description: durationDescription };
export const durationSchema = Type.Union(
  [Type.Integer({ minimum: 1 }), Type.String({ pattern: durationPattern })],
  describedDuration,
);

/** ms: the longest pause between two attempts, whether the configuration, a handler or an endpoint asks for it. */
export const longestDelayMs = toMs('30d');
