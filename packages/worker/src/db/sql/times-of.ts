import type { ContactRow } from '../../projection/fold.js';
import { toIso } from './merge.js';

/** The columns that contacts and channels share, as the upserts take them. */
export function timesOf(
  row: Pick<ContactRow, 'times' | 'firstActivityAt' | 'blacklistReason'>,
): Record<string, string | undefined> {
  return {
    blacklist_reason: row.blacklistReason?.value === '' ? undefined : row.blacklistReason?.value,
    first_activity_at: toIso(row.firstActivityAt),
    ...Object.fromEntries(Object.entries(row.times).map(([column, ms]) => [column, toIso(ms)])),
  };
}
