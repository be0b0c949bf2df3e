/** What is due of one action, as calls: those that failed and are due again first, then rows that never went out. */
import type { ClientBase } from 'pg';
import { examineDue, fromTheStart, selectAgainInGroups, type DueKind, type DueRow } from './sql/claim-follow-ups.js';
import type { Action } from './action.js';
import { formGroups, single, toCalls, type ClaimedRow } from './form-groups.js';

export interface DueCalls {
  calls: ClaimedRow[][];
  /** ms until there is more to look at: 0 when not all was looked at now, infinite when no group waits to become full. */
  nextLookMs: number;
}

/** Rows that have to wait for others are passed over once, so many in one transaction: 100,000 of them may come at once. */
const examinedAtOnce = 500;
const mostExaminations = 10;

/** Gives `room` calls at most, and locks their rows. */
export async function selectDueCalls(client: ClientBase, action: Action, room: number): Promise<DueCalls> {
  const again = await selectAgain(client, action, room);
  if (again.calls.length >= room) return again;
  const fresh = await selectNewCalls(client, action, room - again.calls.length);
  return { calls: [...again.calls, ...fresh.calls], nextLookMs: Math.min(again.nextLookMs, fresh.nextLookMs) };
}

async function selectAgain(client: ClientBase, { name, group }: Action, room: number): Promise<DueCalls> {
  if (group !== null) {
    const rows = await selectAgainInGroups(client, name, room);
    return { calls: toCalls(rows).slice(0, room), nextLookMs: Number.POSITIVE_INFINITY };
  }
  const { rows, isAll } = await findDue(client, name, { kind: 'again', grouped: false, wanted: room });
  return { calls: rows.map(single), nextLookMs: isAll ? Number.POSITIVE_INFINITY : 0 };
}

/** New rows: each for itself, or in groups; one that is not full goes once its oldest row has waited long enough. */
async function selectNewCalls(client: ClientBase, { name, group }: Action, room: number): Promise<DueCalls> {
  const wanted = room * (group?.max ?? 1);
  const { rows, isAll } = await findDue(client, name, { kind: 'new', grouped: group !== null, wanted });
  const nextLookMs = isAll ? Number.POSITIVE_INFINITY : 0;
  if (group === null) return { calls: rows.map(single), nextLookMs };
  const calls = formGroups(rows, group.max);
  const last = calls.at(-1);
  if (last === undefined || last.length === group.max) return { calls, nextLookMs };
  // Of the rows of this very group: others may have waited for long behind an earlier activity of their contact.
  const dueMs = new Map(rows.map((row) => [row.id, row.due_ms]));
  const remainingMs = group.withinMs - Math.max(...last.map(({ id }) => dueMs.get(id) ?? 0));
  return remainingMs > 0 ? { calls: calls.slice(0, -1), nextLookMs: Math.min(nextLookMs, remainingMs) } : { calls, nextLookMs };
}

/** Rows that may go now, `wanted` at most. `isAll`: there are no others that were not looked at. */
async function findDue(
  client: ClientBase,
  action: string,
  { kind, grouped, wanted }: { kind: DueKind; grouped: boolean; wanted: number },
): Promise<{ rows: DueRow[]; isAll: boolean }> {
  const rows: DueRow[] = [];
  let behind = fromTheStart;
  for (let examinations = 0; examinations < mostExaminations; examinations++) {
    const limit = Math.max(wanted - rows.length, examinedAtOnce);
    const examined = await examineDue(client, action, { kind, grouped, limit, behind });
    rows.push(...examined.filter(({ waits }) => !waits));
    const last = examined.at(-1);
    if (rows.length >= wanted || last === undefined || examined.length < limit)
      return { rows: rows.slice(0, wanted), isAll: rows.length < wanted };
    behind = { at: last.position_at, id: last.position_id };
  }
  return { rows, isAll: false };
}
