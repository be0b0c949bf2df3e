/** Very large bodies go into the database one after the other, whichever workers have them: each takes a multiple of its bytes in a process of PostgreSQL's. */
import type { ClientBase } from 'pg';

const lock = `hashtextextended('vidhuk giant', 0)`;

/**
 * Waits until no other transaction holds it; ends with the transaction, and with the connection of a worker that dies. Rejects as a lock does after
 * 50 s, which is below the limit of a statement: then the batch is tried again. To be sent before any other lock is taken.
 */
export async function holdGiant(client: ClientBase): Promise<void> {
  await client.query(`set local lock_timeout = '50s'`);
  await client.query(`select pg_advisory_xact_lock(${lock})`);
  await client.query('set local lock_timeout to default');
}
