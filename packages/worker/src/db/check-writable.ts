/** Whether the database would take a batch now. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inTransaction } from './transaction.js';

/**
 * Writes where batches and follow-ups are written, and takes it back: a server that answers may be read-only, full, or refuse this user. Rejects with
 * what the database says.
 */
export async function checkDatabaseWritable(dataSource: DataSource): Promise<void> {
  await inTransaction(dataSource, async (client) => {
    await client.query(`set local lock_timeout = '1500ms'`);
    await writeAndForget(client);
    throw new TakenBack();
  }).catch((error: unknown) => {
    if (!(error instanceof TakenBack)) throw error;
  });
}

/** In the default partitions, so that no month has to be there. Nobody sees these rows. */
async function writeAndForget(client: ClientBase): Promise<void> {
  await client.query(`
    insert into vidhuk.batch (id, source, origin, received_at, bytes, total, "new", duplicate, rejected)
    values (gen_random_uuid(), 'probe', 'webhook', '1000-01-01', 0, 0, 0, 0, 0)`);
  await client.query(`
    insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, state, activity)
    values (gen_random_uuid(), 'probe', 'probe', gen_random_uuid(), '1000-01-01', 'dry-run', '{}')`);
}

class TakenBack extends Error {}
