/** One slice of a rebuild, by whichever process takes it. Done twice, it changes nothing more. */
import { messageOf } from '@vidhuk/shared';
import type { SliceKind } from '../../db/entities/rebuild-slice.js';
import { whileNobodyIsErased } from '../while-nobody-is-erased.js';
import { keepLogged, keepLoggedOf } from './keep-logged.js';
import { projectBodies } from './project-bodies.js';
import type { SliceParts } from './slice-parts.js';
import type { SliceJob } from './slice-queue.js';
import { copyContacts, copyLog } from './sql/copy-rows.js';
import { forgetCame, readBodies, readCame, type KeptBody } from './sql/kept-bodies.js';
import { markDone, noteProblem, readSlice } from './sql/slices.js';

type FoundSlice = NonNullable<Awaited<ReturnType<typeof readSlice>>>;

/** Batches that came meanwhile, of one transaction: their sizes are known, but more may have come between them. */
const mostCame = 1_000;

const works: Record<SliceKind, (parts: SliceParts, slice: FoundSlice) => Promise<void>> = {
  async bodies(parts, { run, ...slice }) {
    await projectBodies(parts, await readBodies(parts.dataSource, slice, run.source), run.contexts);
  },
  async late(parts, { run, ...slice }) {
    await makeUpFor(parts, slice, run.contexts);
  },
  async log(parts, { run, ...slice }) {
    await keepLogged(parts, slice, run.source);
  },
  async 'copy-log'(parts, { run, ...slice }) {
    await whileNobodyIsErased(parts.dataSource, (client) => copyLog(client, slice, run.source ?? ''));
  },
  async 'copy-contacts'(parts, slice) {
    await whileNobodyIsErased(parts.dataSource, (client) => copyContacts(client, slice, slice.of ?? ''));
  },
};

/** Rejects for infrastructure failures only, and may then be called again. */
export async function workSlice(parts: SliceParts, { rebuild, nth }: SliceJob): Promise<void> {
  const { dataSource, log } = parts;
  const slice = await readSlice(dataSource, rebuild, nth);
  if (slice === undefined) return; // done, or the rebuild was cancelled or has ended
  try {
    await works[slice.kind](parts, slice);
    await markDone(dataSource, rebuild, nth);
  } catch (error) {
    await noteProblem(dataSource, rebuild, nth, messageOf(error)).catch((failure: unknown) =>
      log.debug({ err: messageOf(failure) }, 'what kept a slice could not be noted'),
    );
    throw error;
  }
}

/** Batches that came meanwhile; gives how many there were. Those whose bodies went already are taken from the log. */
export async function makeUpFor(
  parts: SliceParts,
  range: { first: string; last: string },
  contexts: FoundSlice['run']['contexts'],
): Promise<number> {
  let done = 0;
  for (let came: KeptBody[]; (came = await readCame(parts.dataSource, range, mostCame)).length > 0; done += came.length) {
    await projectBodies(parts, came, contexts);
    const gone = came.flatMap(({ id, body }) => (body === null ? [id] : []));
    if (gone.length > 0) await keepLoggedOf(parts, gone);
    await forgetCame(
      parts.dataSource,
      came.map(({ id }) => id),
    );
  }
  return done;
}
