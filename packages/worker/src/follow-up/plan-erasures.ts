/** Plans actions with `on: erase`, in the transaction that writes the tombstones: who is erased again is not told again. */
import type { ClientBase } from 'pg';
import type { Action } from './action.js';
import { erasureOf, type ErasedContact } from './erasure.js';
import { followUpId } from './follow-up-id.js';
import { insertErasures } from './sql/insert-erasures.js';

/** A contact of whom there was no tombstone yet; `hash` is its tombstone. */
export type NewlyErased = ErasedContact & { hash: Buffer };

/** Gives how many were planned. */
export async function planErasures(
  client: ClientBase,
  actions: readonly Action[],
  erased: readonly NewlyErased[],
): Promise<number> {
  const at = new Date().toISOString();
  const planned = actions.flatMap(({ name, when, dryRun }) =>
    erased
      .filter(({ source }) => when.erasure?.(source) ?? false)
      .map((contact) => {
        const key = keyOf(contact.hash);
        const told = dryRun ? { ...contact, contactId: 0, externalCustomerId: null } : contact;
        const state: 'waiting' | 'dry-run' = dryRun ? 'dry-run' : 'waiting';
        return {
          id: followUpId(name, { key, occurredAt: Date.parse(at) }),
          action: name,
          state,
          activity: erasureOf(told, key, at),
        };
      }),
  );
  await insertErasures(client, planned);
  return planned.length;
}

/** A UUID (version 8) of the tombstone: it tells nobody whose it is. */
function keyOf(hash: Buffer): string {
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
