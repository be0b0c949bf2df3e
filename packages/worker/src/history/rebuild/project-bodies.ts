/** Bodies that are kept, through parsing and projection once more, into the second tables: by the code of the feed. */
import { parseBatchInTurns } from '../../activity/parse-batch.js';
import { parseContextOf, type ReadingRules } from '../../activity/parse-context.js';
import type { Batch } from '../../projection/batch.js';
import { Projector } from '../../projection/projector.js';
import type { KeptBody } from './sql/kept-bodies.js';
import type { SliceParts } from './slice-parts.js';

/** Months are not made for them: what has none lies in the default partition, as in the tables, until maintenance moves it. No follow-up is planned. */
export const secondProjector = ({ second, log, tombstones }: Omit<SliceParts, 'dataSource'>): Projector =>
  new Projector(second, { ensure: () => Promise.resolve() }, log, undefined, tombstones);

/** In one transaction. Batches whose body is gone are left out. */
export async function projectBodies(
  parts: Omit<SliceParts, 'dataSource'>,
  bodies: readonly KeptBody[],
  contexts: ReadingRules,
): Promise<void> {
  const batches: Batch[] = [];
  for (const { body, ...kept } of bodies) if (body !== null) batches.push(await parseKept({ ...kept, body }, contexts));
  if (batches.length > 0) await secondProjector(parts).project(batches);
}

/** As it was read when it came, but for the settings. Its body is kept where it is, and not once more. */
async function parseKept(
  { id, source, origin, receivedAt, body }: KeptBody & { body: Buffer },
  contexts: ReadingRules,
): Promise<Batch> {
  const parsed = await parseBatchInTurns(body, { ...parseContextOf(contexts, source, receivedAt.getTime()), stubs: true });
  return { id, source, origin, receivedAt, body, bodyElsewhere: true, ...parsed };
}
