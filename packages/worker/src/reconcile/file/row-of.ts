import type { FileRow } from './file-row.js';

/** A JSON value as a row, where it is one. */
export function rowOf(value: unknown, line: number): FileRow {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { line, row: value as Record<string, unknown> };
  return { line, fault: 'is no object: an activity is one, such as {"activityStatus": …}' };
}
