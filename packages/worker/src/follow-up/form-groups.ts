/** Which rows go out together, as one call. Pure. */
import { v7 as uuidv7 } from 'uuid';
import type { DueRow } from './sql/claim-follow-ups.js';

/** A row with the call that it goes out in. */
export interface ClaimedRow {
  id: string;
  callId: string;
}

/** A row that goes out alone, under its own id; also one that was in a group before the configuration changed. */
export const single = ({ id }: Pick<DueRow, 'id'>): ClaimedRow[] => [{ id, callId: id }];

/** Rows that were one call before, call by call. */
export function toCalls(rows: readonly DueRow[]): ClaimedRow[][] {
  const calls = new Map<string, ClaimedRow[]>();
  for (const { id, call_id: callId } of rows) {
    if (callId === null) continue;
    const call = calls.get(callId);
    if (call === undefined) calls.set(callId, [{ id, callId }]);
    else call.push({ id, callId });
  }
  return [...calls.values()];
}

/** Groups of at most `max` in order; of one contact all rows go into one group, what does not fit waits for the next time. */
export function formGroups(rows: readonly Pick<DueRow, 'id' | 'contact'>[], max: number): ClaimedRow[][] {
  const groups: ClaimedRow[][] = [];
  const groupOf = new Map<string, ClaimedRow[]>();
  let current: ClaimedRow[] | undefined;
  let callId = '';
  for (const { id, contact } of rows) {
    const own = contact === null ? undefined : groupOf.get(contact);
    if (own !== undefined && own !== current) continue;
    if (current === undefined || current.length >= max) {
      if (own !== undefined) continue;
      current = [];
      callId = uuidv7();
      groups.push(current);
    }
    current.push({ id, callId });
    if (contact !== null) groupOf.set(contact, current);
  }
  return groups;
}
