/** Brings the database's copy of the sources' settings up to date, and the flags that depend on them. */
import type { Configuration } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../db/transaction.js';
import { decideFlags } from './sql/decide-flags.js';
import {
  holdSourceSettings,
  lockChoosers,
  markDecided,
  undecidedSources,
  writeSourceSettings,
  type OptIn,
} from './sql/source-settings.js';

/** Contacts of one transaction. */
const stepSize = 1_000;

/**
 * Rejects when the database is away; may then be called again, also after a crash half way: what was not decided yet is found. Workers that run at
 * the same time go on; batches decide by the new settings from the first moment.
 */
export async function settleSources(dataSource: DataSource, sources: Configuration['sources']): Promise<void> {
  const settings = Object.entries(sources).map(([source, { optIn }]) => ({ source, ...optIn }));
  const undecided = await inTransaction(dataSource, async (client) => {
    await writeSourceSettings(client, settings);
    return undecidedSources(client);
  });
  for (const optIn of undecided) await decideAgain(dataSource, optIn, markDecided);
}

/** The flags of all contacts of a source that have ever chosen a subscription; `mark` runs in a transaction of its own at the end. */
export async function decideAgain(
  dataSource: DataSource,
  optIn: OptIn,
  mark: (client: ClientBase, optIn: OptIn) => Promise<void>,
): Promise<void> {
  for (let after: string | null = null; ;) {
    const contacts = await inTransaction(dataSource, async (client) => {
      const choosers = await lockChoosers(client, optIn.source, after, stepSize);
      await holdSourceSettings(client); // in the order of batches: contacts, then this
      if (choosers.length > 0) await decideFlags(client, choosers);
      else await mark(client, optIn);
      return choosers;
    });
    const last = contacts.at(-1);
    if (last === undefined) return;
    after = last.contact_id;
  }
}
