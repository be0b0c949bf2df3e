/** What the configuration says about the bodies of one source. */
import { toMs, type SourceConfiguration } from '@vidhuk/shared';
import type { ParseContext } from './parse-batch.js';

/** By source, what decides how its bodies are read. */
export type ReadingRules = Readonly<Record<string, Pick<SourceConfiguration, 'timeZone' | 'maxAhead'>>>;

/** Of a source that the configuration does not have any more times are UTC. */
const unknown = { timeZone: 'UTC', maxAhead: '1d' };

/** For a body of `source` that was received at `receivedAt`, ms since 1970. */
export function parseContextOf(sources: ReadingRules, source: string, receivedAt: number): ParseContext {
  const { timeZone, maxAhead } = (Object.hasOwn(sources, source) ? sources[source] : undefined) ?? unknown;
  return { source, timeZone, latest: receivedAt + toMs(maxAhead) };
}
