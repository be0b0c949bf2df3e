/** From the settings of `retention` to times: what is older may go. */
import { toMs, type Configuration } from '@vidhuk/shared';
import type { Settings } from './retained.js';

/** Null: nothing ever goes. */
export function horizonOf(settings: Settings, setting: keyof Settings, now: Date): Date | null {
  const value = settings[setting];
  return value === 'forever' ? null : new Date(now.getTime() - toMs(value));
}

/** The beginning of its month, in UTC. */
const monthOf = (date: Date, offset = 0): Date => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset));

/** The log goes by whole months, so that what is kept is never less than what the setting says. */
export function logHorizonOf(settings: Settings, now: Date): Date | null {
  const horizon = horizonOf(settings, 'log', now);
  return horizon === null ? null : monthOf(horizon);
}

/** Rows of batches stay for as long as a body is kept, or the log has an activity that a batch of that time can have brought. */
export function batchHorizonOf({ retention, sources }: Pick<Configuration, 'retention' | 'sources'>, now: Date): Date | null {
  const [log, bodies] = [logHorizonOf(retention, now), horizonOf(retention, 'bodies', now)];
  if (log === null || bodies === null) return null;
  const aheadMs = Math.max(toMs('1d'), ...Object.values(sources).map(({ maxAhead }) => toMs(maxAhead)));
  return new Date(Math.min(log.getTime() - aheadMs, bodies.getTime()));
}
