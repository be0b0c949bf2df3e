/** The log of bodies that are gone, into the second set of tables, and what follows from it into their statuses. */
import { learnTypes } from '../db/rows/row-array.js';
import { slicesOf } from '../db/slices.js';
import { inTransaction } from '../db/transaction.js';
import { foldActivities } from '../projection/fold.js';
import { decideFlags } from '../projection/sql/decide-flags.js';
import { holdSourceSettings } from '../projection/sql/source-settings.js';
import { channelRows, upsertContactChannelStatus } from '../projection/sql/upsert-contact-channel-status.js';
import { contactRows, upsertContactStatus } from '../projection/sql/upsert-contact-status.js';
import type { SeedParts } from './seed-from-floors.js';
import { activityOf, readStepRows } from './sql/logged-rows.js';
import { copyLogOfGoneBodies, leavesOf } from './sql/second-floors.js';
import { stepsOf } from './take-floors.js';

/** While the log of `schema` is empty. */
export async function copyBodilessLog({ dataSource, second }: SeedParts, schema: string, source: string | null): Promise<void> {
  await inTransaction(dataSource, async (client) => {
    await client.query('set local statement_timeout = 0');
    await copyLogOfGoneBodies(client, schema, source);
  });
  for (const leaf of await leavesOf(dataSource, `${schema}.activity`))
    for (let step = 0, last = await stepsOf(dataSource, leaf, schema); step < last; step++) {
      const rows = await inTransaction(dataSource, (client) => readStepRows(client, `${schema}.${leaf}`, step, null));
      const { contacts, channels } = foldActivities(rows.map(activityOf));
      const keys = contacts.map(({ source: of, contactId }) => ({ source: of, contact_id: String(contactId) }));
      await inTransaction(second, async (client) => {
        await learnTypes(client, [contactRows, channelRows]);
        for (const slice of slicesOf(contacts)) await upsertContactStatus(client, contactRows.encode(slice));
        for (const slice of slicesOf(channels)) await upsertContactChannelStatus(client, channelRows.encode(slice));
        await holdSourceSettings(client);
        for (const slice of slicesOf(keys)) await decideFlags(client, slice);
      });
    }
}
