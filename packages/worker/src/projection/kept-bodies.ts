/** Which bodies are not worth their room: those of batches that told nothing new, and whose very bytes are kept already. Everything else is kept. */
import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Batch, BatchOutcome } from './batch.js';
import { findKeptBodies } from './sql/find-kept-bodies.js';

const digestOf = (body: Buffer): Buffer => createHash('sha256').update(body).digest();

/** Ids of the batches whose body is to be dropped. Asks the database only where some batch was all duplicates. */
export async function repeatedBodies(
  client: ClientBase,
  batches: readonly Batch[],
  outcomes: readonly BatchOutcome[],
): Promise<ReadonlySet<string>> {
  const isRepetition = (index: number) =>
    outcomes[index]?.new === 0 && outcomes[index].rejected === 0 && batches[index]?.bodyElsewhere === undefined;
  const suspects = batches
    .filter((_batch, index) => isRepetition(index))
    .map((batch) => ({ batch, digest: digestOf(batch.body) }));
  if (suspects.length === 0) return new Set();
  const repeated = await findKeptBodies(client, suspects);
  // Of several with the same bytes in this very transaction the first is kept.
  const kept = new Set(batches.filter((_batch, index) => !isRepetition(index)).map(({ body }) => digestOf(body).toString('hex')));
  for (const { batch, digest } of suspects) {
    const hex = digest.toString('hex');
    if (kept.has(hex)) repeated.add(batch.id);
    if (!repeated.has(batch.id)) kept.add(hex);
  }
  return repeated;
}
