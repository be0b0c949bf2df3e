/** The bodies: elements of the person are replaced in place, everything else stays byte for byte. All bodies of the source are looked through, for no index tells. */
import type { ClientBase } from 'pg';
import type { Activity } from '../../activity/activity.js';
import { eraseElements } from '../../activity/erase-elements.js';
import { parseContextOf } from '../../activity/parse-context.js';
import { inTransaction } from '../../db/transaction.js';
import { hintsOf, peopleOf } from './person.js';
import type { ErasureParts, Place } from './place.js';
import { blankActivities, listBatches, readBodiesWith, writeBody } from './sql/bodies.js';

/** Of bodies that one statement looks through: a second's work, and far from what a process holds. */
const bytesAtOnce = 32 * 2 ** 20;

export const erasedBodies: Place = {
  name: 'batch (elements of bodies)',
  async erase(parts, person, trial) {
    const hints = hintsOf(person).map((hint) => Buffer.from(hint));
    const people = peopleOf(person);
    let elements = 0;
    for await (const ids of slices(parts, person.source))
      elements += await inTransaction(parts.dataSource, async (client) => {
        let found = 0;
        for (const { id, receivedAt, body } of await readBodiesWith(client, ids, hints)) {
          const context = parseContextOf(parts.sources, person.source, Infinity);
          const erased = eraseElements(body, context, people, hints);
          if (erased === undefined) continue;
          found += erased.elements;
          if (!trial) await keep(client, { id, receivedAt }, erased);
        }
        return found;
      });
    return elements;
  },
};

async function keep(
  client: ClientBase,
  batch: { id: string; receivedAt: Date },
  { body, activities }: { body: Buffer; activities: readonly Activity[] },
): Promise<void> {
  await writeBody(client, batch, body);
  // Those of contacts are found by their contact; of the others only the body tells whose they are.
  await blankActivities(client, activities);
}

/** Ids of batches with a body, so many at a time as have {@link bytesAtOnce} together. */
async function* slices({ dataSource }: ErasureParts, source: string): AsyncGenerator<string[]> {
  let ids: string[] = [];
  let bytes = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const page = await listBatches(dataSource, source, after);
    for (const batch of page.batches) {
      if (ids.length > 0 && bytes + batch.bytes > bytesAtOnce) {
        yield ids;
        [ids, bytes] = [[], 0];
      }
      ids.push(batch.id);
      bytes += batch.bytes;
    }
    if (page.last === undefined) break;
    after = page.last;
  }
  if (ids.length > 0) yield ids;
}
