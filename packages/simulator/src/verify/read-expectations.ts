/** From the ledger to what must be in the database: log and quarantine into the session's tables, statuses folded in memory. */
import { parseBatch } from '@vidhuk/worker/activity';
import { ExpectedStatuses } from '../expected-status.js';
import { type LedgerEntry, LedgerError, readLedger } from '../ledger.js';
import type { Difference } from './difference.js';
import type { ExpectedActivity, ExpectedLog, ExpectedRejection } from './expected-log.js';

/** What the ledger says, apart from what went into `ExpectedLog`. */
export interface Expectations {
  statuses: ExpectedStatuses;
  /** Of batches that were never acknowledged: they may be in the database or not. */
  possible: ExpectedActivity[];
  /** Elements that are meant to be sound and that the worker's own rules refuse. */
  refused: Difference[];
  lines: number;
  batches: number;
  elements: number;
}

/** Reads the whole ledger, one batch in memory at a time. `timeZoneOf` gives the IANA zone of a source's times. Throws LedgerError. */
export async function readExpectations(
  path: string,
  log: ExpectedLog,
  timeZoneOf: (source: string) => string,
  onProgress?: (elements: number) => void,
): Promise<Expectations> {
  const expectations: Expectations = {
    ...{ statuses: new ExpectedStatuses(), possible: [], refused: [] },
    ...{ lines: 0, batches: 0, elements: 0 },
  };
  for await (const entry of readLedger(path)) {
    const line = ++expectations.lines;
    const { activities, rejections, refused } = readEntry(entry, line, timeZoneOf(entry.source));
    await log.addActivities(activities);
    await log.requests.add(entry.requests ?? [], { ...entry, line });
    if (entry.requests === undefined) expectations.batches++;
    if (entry.acknowledged) {
      await log.addRejections(rejections);
      expectations.refused.push(...refused);
      for (const { activity } of activities) expectations.statuses.add(activity);
    } else {
      expectations.possible.push(...activities);
    }
    expectations.elements += entry.elements.length;
    onProgress?.(expectations.elements);
  }
  // Comparing nothing would look like success.
  if (expectations.lines === 0) throw new LedgerError(`the ledger ${path} is empty`);
  await log.analyze();
  return expectations;
}

function readEntry(
  { source, acknowledged, elements, broken }: LedgerEntry,
  line: number,
  timeZone: string,
): { activities: ExpectedActivity[]; rejections: ExpectedRejection[]; refused: Difference[] } {
  const rejections: ExpectedRejection[] = [];
  const sound: { text: string; position: number }[] = [];
  elements.forEach((text, position) => {
    const kind = broken[position];
    if (kind === undefined) sound.push({ text, position });
    else rejections.push({ source, kind, text, line, position });
  });
  // An empty array rather than no element: the parser takes any JSON.
  const parsed = parseBatch(Buffer.from(`[${sound.map(({ text }) => text).join(',')}]`), { source, timeZone });
  const place = (index: number) => ({ line, position: sound[index]?.position ?? index });
  return {
    activities: parsed.activities.map((activity) => ({
      activity,
      acknowledged,
      text: sound[activity.position]?.text ?? '',
      ...place(activity.position),
    })),
    rejections,
    refused: parsed.rejections.map(({ position, reason, detail }) => ({
      kind: 'refused-element',
      reason,
      detail,
      ...place(position),
    })),
  };
}
