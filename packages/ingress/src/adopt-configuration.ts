/** What of a changed configuration a running ingress takes: who may deliver, and the hooks of workflows. */
import { isDeepStrictEqual } from 'node:util';
import { changedSettings, type Adoption, type Configuration } from '@vidhuk/shared';
import { findSource, type Sources } from './authenticate.js';

/**
 * Sources and tokens are taken, and end, at once. A source keeps its time zone: another one moves every time that is stored from then on, which shall
 * not happen to one ingress before the other. Limits and queue are those of the start.
 */
export function adoptConfiguration(running: Configuration, next: Configuration): Adoption<Configuration> {
  const sources: Configuration['sources'] = Object.fromEntries(
    Object.entries(next.sources).map(([name, source]) => {
      const { timeZone } = findSource(running.sources, name) ?? source;
      return [name, { ...source, timeZone }];
    }),
  );
  return {
    running: { ...running, sources },
    taken: changedSources(running.sources, sources),
    waitsForRestart: [
      ...Object.entries(next.sources)
        .filter(([name, { timeZone }]) => findSource(sources, name)?.timeZone !== timeZone)
        .map(([name]) => `timeZone of ${name}`),
      ...changedSettings('ingress', running.ingress, next.ingress),
      ...changedSettings('queue', running.queue, next.queue),
    ],
  };
}

function changedSources(before: Sources, after: Sources): string[] {
  return [
    ...Object.entries(after).flatMap(([name, { tokens, workflows }]) => {
      const old = findSource(before, name);
      if (old === undefined) return [`source ${name} (new)`];
      const added = tokens.filter((token) => !old.tokens.includes(token)).length;
      const gone = old.tokens.filter((token) => !tokens.includes(token)).length;
      return [
        ...(added + gone === 0 ? [] : [`tokens of ${name} (${added} new, ${gone} gone)`]),
        ...(isDeepStrictEqual(workflows, old.workflows) ? [] : [`workflows of ${name}`]),
      ];
    }),
    ...Object.keys(before)
      .filter((name) => findSource(after, name) === undefined)
      .map((name) => `source ${name} (gone)`),
  ];
}
