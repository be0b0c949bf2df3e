/** What a rebuild adds at its end: what the floors have, which no body and no log tells any more, in the second set of tables. */
import type { DataSource } from 'typeorm';
import { inTransaction } from '../db/transaction.js';
import type { ContactKey } from '../projection/sql/contact-key.js';
import { decideFlags } from '../projection/sql/decide-flags.js';
import { holdSourceSettings } from '../projection/sql/source-settings.js';
import { mergeFloorNames, pageOfFloors } from './sql/second-floors.js';
import { onceNobodyIsErased } from './while-nobody-is-erased.js';

export interface SeedParts {
  /** Reads the tables as they are, and writes to the second ones by their full names. */
  dataSource: DataSource;
  /** Its statements go to the second tables, see `redirect` of `second-tables.ts`. */
  second: DataSource;
  signal: AbortSignal;
}

/** Behind everything else: names and addresses that only bodies told which are gone, and the flags of whoever has a floor. */
export async function finishFromFloors({ dataSource, second, signal }: SeedParts, schema: string): Promise<void> {
  for (let after: ContactKey | undefined; ;) {
    const page: ContactKey[] = await pageOfFloors(dataSource, after);
    after = page.at(-1);
    if (after === undefined) return;
    await onceNobodyIsErased(dataSource, signal, (client) => mergeFloorNames(client, schema, page));
    await inTransaction(second, async (client) => {
      await holdSourceSettings(client);
      await decideFlags(client, page);
    });
  }
}
