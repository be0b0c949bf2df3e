/** Whether the database would take a batch now. */
import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inTransaction } from './transaction.js';

/**
 * Writes where batches and follow-ups are written, and takes it back: a server that answers may be read-only, full, or refuse this user. Rejects with
 * what the database says. `bodyBytes`: of a body that nothing compresses; a full disk still takes what fits into pages that are there already.
 */
export async function checkDatabaseWritable(dataSource: DataSource, bodyBytes = 0): Promise<void> {
  await inTransaction(dataSource, async (client) => {
    await client.query(`set local lock_timeout = '1500ms'`);
    await writeAndForget(client, bodyBytes);
    throw new TakenBack();
  }).catch((error: unknown) => {
    if (!(error instanceof TakenBack)) throw error;
  });
}

/** In the default partitions, so that no month has to be there. Nobody sees these rows. */
async function writeAndForget(client: ClientBase, bodyBytes: number): Promise<void> {
  await client.query(
    `insert into vidhuk.batch (id, source, origin, received_at, body, bytes, total, "new", duplicate, rejected)
     values (gen_random_uuid(), 'probe', 'webhook', '1000-01-01', $1, 0, 0, 0, 0, 0)`,
    [bodyBytes === 0 ? null : randomBytes(bodyBytes)],
  );
  await client.query(`
    insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, state, activity)
    values (gen_random_uuid(), 'probe', 'probe', gen_random_uuid(), '1000-01-01', 'dry-run', '{}')`);
}

class TakenBack extends Error {}
