/** Conditions that can hardly ever hold: no mistake that stops a start, for the platform may send what nobody has seen yet, but worth a warning. */
import { closest, distance } from 'fastest-levenshtein';
import { messageOf, type Configuration, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { normaliseMediaType, normaliseStatus } from '../activity/normalise.js';
import type { Action } from './action.js';
import { knownMediaTypes, knownStatuses } from './known-values.js';
import { makeSample } from './make-sample.js';
import { readSeen, seenWithin } from './sql/read-seen.js';

export interface Doubt {
  action: string;
  /** Where, what and why, in one line. */
  text: string;
}

interface Named {
  action: Action;
  place: string;
  value: string;
}

/** Logs them; a database that cannot be asked keeps nobody from starting. */
export async function warnOfDoubts(
  dataSource: DataSource,
  actions: readonly Action[],
  sources: Configuration['sources'],
  log: Logger,
): Promise<void> {
  try {
    for (const { action, text } of await findDoubts(dataSource, actions, sources))
      log.warn({ action }, `it may never be called: ${text}`);
  } catch (error) {
    log.warn({ err: messageOf(error) }, 'whether the conditions of actions can hold could not be looked at');
  }
}

/** Looks into the log for statuses and channels only that the platform is not known to send. */
export async function findDoubts(
  dataSource: DataSource,
  actions: readonly Action[],
  sources: Configuration['sources'],
): Promise<Doubt[]> {
  const statuses = namedBy(actions, 'status', normaliseStatus).filter(({ value }) => !knownStatuses.includes(value));
  const mediaTypes = namedBy(actions, 'mediaType', normaliseMediaType).filter(({ value }) => !knownMediaTypes.includes(value));
  const seen = statuses.length + mediaTypes.length === 0 ? { statuses: [], mediaTypes: [] } : await readSeen(dataSource);
  return [
    ...namedBy(actions, 'source', (name) => name)
      .filter(({ value }) => !Object.hasOwn(sources, value))
      .map((named) => doubt(named, 'there is no such source', Object.keys(sources))),
    ...statuses
      .filter(({ value }) => !seen.statuses.includes(value))
      .map((named) => doubt(named, `nobody has seen such a status (${seenWithin})`, knownStatuses)),
    ...mediaTypes
      .filter(({ value }) => !seen.mediaTypes.includes(value))
      .map((named) => doubt(named, `nobody has seen such a channel (${seenWithin})`, knownMediaTypes)),
    ...actions.flatMap((action) => hooksNobodyHas(action, sources)),
    ...actions.flatMap((action) => contradiction(action, sources)),
  ];
}

/** Of the sources that the action names, or else of all. */
function hooksNobodyHas(action: Action, sources: Configuration['sources']): Doubt[] {
  const { source } = action.settings.when;
  const named = source === undefined ? Object.keys(sources) : [source].flat();
  const known = [
    ...new Set(named.flatMap((name) => (Object.hasOwn(sources, name) ? Object.keys(sources[name]?.workflows ?? {}) : []))),
  ];
  return (action.when.request?.hooks ?? [])
    .filter((hook) => !known.includes(hook))
    .map((value) => doubt({ action, place: 'when.workflow', value }, 'no source has such a hook under "workflows"', known));
}

function doubt({ action, place, value }: Named, what: string, known: readonly string[]): Doubt {
  const near =
    known.length === 0
      ? undefined
      : closest(
          value.toLowerCase(),
          known.map((each) => each.toLowerCase()),
        );
  const meant = known.find((each) => each.toLowerCase() === near);
  const isNear = near !== undefined && distance(value.toLowerCase(), near) <= Math.max(2, near.length / 3);
  const hint = isNear ? `did you mean "${meant ?? near}"?` : `there are ${known.join(', ')}`;
  return { action: action.name, text: `${place}: "${value}": ${what}${known.length === 0 ? '' : `: ${hint}`}` };
}

/** Under `not` too: what leaves out nothing was meant to leave out something. */
function namedBy(
  actions: readonly Action[],
  condition: 'status' | 'mediaType' | 'source',
  normalise: (value: string) => string | null,
): Named[] {
  return actions.flatMap((action) => {
    const { when } = action.settings;
    const at = (place: string, values: string | string[] | undefined): Named[] =>
      [values ?? []]
        .flat()
        .flatMap((value) => normalise(value) ?? [])
        .map((value) => ({ action, place: `${place}.${condition}`, value }));
    return [...at('when', when[condition]), ...at('when.not', when.not?.[condition])];
  });
}

/** Of requests nobody can say: their bodies are whatever somebody wrote. */
function contradiction(action: Action, sources: Configuration['sources']): Doubt[] {
  if (action.when.request !== null || action.when.erasure !== null) return [];
  try {
    makeSample(action, sources);
    return [];
  } catch (error) {
    return [{ action: action.name, text: messageOf(error) }];
  }
}
