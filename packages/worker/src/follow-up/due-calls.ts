/** What is due of one action, as calls: those that failed and are due again first, then rows that never went out. */
import type { ClientBase } from 'pg';
import { selectAgain, selectNew } from './sql/claim-follow-ups.js';
import type { Action } from './action.js';
import { formGroups, single, toCalls, type ClaimedRow } from './form-groups.js';

export interface DueCalls {
  calls: ClaimedRow[][];
  /** ms until a group that is not full has waited long enough; infinite when none waits. */
  nextGroupMs: number;
}

/** Gives `room` calls at most, and locks their rows. */
export async function selectDueCalls(client: ClientBase, action: Action, room: number): Promise<DueCalls> {
  const { name, group } = action;
  const failed = await selectAgain(client, name, room, group !== null);
  const again = group === null ? failed.map(single) : toCalls(failed).slice(0, room);
  if (again.length >= room) return { calls: again, nextGroupMs: Number.POSITIVE_INFINITY };
  const fresh = await selectNewCalls(client, action, room - again.length);
  return { ...fresh, calls: [...again, ...fresh.calls] };
}

/** New rows: each for itself, or in groups; one that is not full goes once its oldest row has waited long enough. */
async function selectNewCalls(client: ClientBase, { name, group }: Action, room: number): Promise<DueCalls> {
  const rows = await selectNew(client, name, room * (group?.max ?? 1), group !== null);
  const nextGroupMs = Number.POSITIVE_INFINITY;
  if (group === null) return { calls: rows.map(single), nextGroupMs };
  const calls = formGroups(rows, group.max);
  const last = calls.at(-1);
  if (last === undefined || last.length === group.max) return { calls, nextGroupMs };
  // Of the rows of this very group: others may have waited for long behind an earlier activity of their contact.
  const dueMs = new Map(rows.map((row) => [row.id, row.due_ms]));
  const remainingMs = group.withinMs - Math.max(...last.map(({ id }) => dueMs.get(id) ?? 0));
  return remainingMs > 0 ? { calls: calls.slice(0, -1), nextGroupMs: remainingMs } : { calls, nextGroupMs };
}
