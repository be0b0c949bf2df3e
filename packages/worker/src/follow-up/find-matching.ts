/** The latest activity of the log that an action would be called for, by its own test, as `backtest` finds it. */
import type { Configuration } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { Activity } from '../activity/activity.js';
import { normaliseMediaType, normaliseStatus } from '../activity/normalise.js';
import { parseBatch } from '../activity/parse-batch.js';
import { parseContextOf } from '../activity/parse-context.js';
import type { Action } from './action.js';
import { readCandidates, type Candidate, type CandidateFilter } from './sql/read-candidates.js';

/** Read at once. Each costs the parsing of the body that it came in. */
const pageSize = 100;
/** Of which the log's columns say that they may match, and whose tags or addresses then do not. */
const mostCandidates = 5_000;

/** null where the log has none; with `becomes`, one of the kind that turns the flag. */
export async function findMatching(
  dataSource: DataSource,
  { when, settings }: Action,
  sources: Configuration['sources'],
): Promise<Activity | null> {
  const filter = filterOf(settings.when);
  let last: Pick<Candidate, 'at' | 'key'> = { at: 'infinity', key: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
  for (let seen = 0; seen < mostCandidates; seen += pageSize) {
    const page = await readCandidates(dataSource, filter, last, pageSize);
    for (const { source, raw } of page) {
      if (raw === null) continue;
      const [activity] = parseBatch(Buffer.from(raw), parseContextOf(sources, source, Infinity)).activities;
      if (activity !== undefined && when.mismatches(activity).length === 0) return activity;
    }
    const end = page.at(-1);
    if (end === undefined || page.length < pageSize) return null;
    last = end;
  }
  return null;
}

function filterOf(when: Action['settings']['when']): CandidateFilter {
  const list = <T>(value: T | T[] | undefined): T[] | null => (value === undefined ? null : ([value].flat() as T[]));
  return {
    status: list(when.status)?.map(normaliseStatus) ?? null,
    mediaType: mediaTypesOf(list(when.mediaType)),
    source: list(when.source),
    broadcastId: list(when.broadcastId),
    workflowId: list(when.workflowId),
    messageId: list(when.messageId),
    hardBounce: when.hardBounce ?? null,
  };
}

/** Where one of them is none at all, the log is read without this condition. */
function mediaTypesOf(names: string[] | null): string[] | null {
  const types = names?.map(normaliseMediaType).filter((type) => type !== null);
  return types?.length === names?.length ? (types ?? null) : null;
}
