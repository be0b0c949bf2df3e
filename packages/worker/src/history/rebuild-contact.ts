/** `vidhuk rebuild --contact`: the rows of one contact once more, from its activities in the log, their elements in the bodies, and the floors. */
import type { Configuration } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { learnTypes } from '../db/rows/row-array.js';
import { inTransaction } from '../db/transaction.js';
import { foldActivities } from '../projection/fold.js';
import { decideFlags } from '../projection/sql/decide-flags.js';
import { readFloors } from '../projection/sql/read-floors.js';
import { holdSourceSettings } from '../projection/sql/source-settings.js';
import { channelRows, upsertContactChannelStatus } from '../projection/sql/upsert-contact-channel-status.js';
import { contactRows, upsertContactStatus } from '../projection/sql/upsert-contact-status.js';
import { readStatusRows, removeStatusRows, type StatusRow } from './sql/contact-rows.js';
import { readContactRows } from './sql/logged-rows.js';
import { toldActivities } from './told-activities.js';

export interface ContactChange {
  /** `contact`, or the media type of a channel. */
  scope: string;
  column: string;
  was: unknown;
  is: unknown;
}

class TakenBack extends Error {
  constructor(readonly changes: ContactChange[]) {
    super();
  }
}

/** What changed, or, with `check`, what would; empty: the rows were right. Under the contact's lock: batches about it wait, others do not. */
export async function rebuildContact(
  dataSource: DataSource,
  key: { source: string; contactId: number },
  { sources, check }: { sources: Configuration['sources']; check: boolean },
): Promise<ContactChange[]> {
  try {
    return await inTransaction(dataSource, async (client) => {
      const changes = await makeAgain(client, key, sources);
      if (check) throw new TakenBack(changes);
      return changes;
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.changes;
    throw error;
  }
}

async function makeAgain(
  client: ClientBase,
  key: { source: string; contactId: number },
  sources: Configuration['sources'],
): Promise<ContactChange[]> {
  await learnTypes(client, [contactRows, channelRows]);
  const before = await readStatusRows(client, key); // and locks them
  const logged = await readContactRows(client, key.source, key.contactId);
  const fold = foldActivities(await toldActivities(client, logged, sources), await readFloors(client, key));
  await removeStatusRows(client, key);
  await upsertContactStatus(client, contactRows.encode(fold.contacts));
  await upsertContactChannelStatus(client, channelRows.encode(fold.channels));
  await holdSourceSettings(client);
  await decideFlags(client, [{ source: key.source, contact_id: String(key.contactId) }]);
  return changesBetween(before, await readStatusRows(client, key));
}

function changesBetween(before: readonly StatusRow[], after: readonly StatusRow[]): ContactChange[] {
  const scopes = [...new Set([...before, ...after].map(({ scope }) => scope))];
  return scopes.flatMap((scope) => {
    const [was, is] = [before, after].map((rows) => rows.find((row) => row.scope === scope)?.row ?? {}) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    const columns = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((column) => column !== 'updated_at');
    return columns
      .filter((column) => JSON.stringify(was[column] ?? null) !== JSON.stringify(is[column] ?? null))
      .map((column) => ({ scope, column, was: was[column] ?? null, is: is[column] ?? null }));
  });
}
