/** Finished batches that the queue still has: their bodies are changed as those in the table are. Waiting ones are caught by the tombstones. */
import { packBody, unpackBody } from '@vidhuk/shared';
import { eraseElements } from '../../activity/erase-elements.js';
import { hintsOf, peopleOf } from './person.js';
import type { Place } from './place.js';

export const erasedJobs: Place = {
  name: 'queue (finished batches)',
  async erase({ queue }, person, trial) {
    const people = peopleOf(person);
    const hints = hintsOf(person).map((hint) => Buffer.from(hint));
    let elements = 0;
    for (const id of await queue.getRanges(['completed', 'failed'], 0, -1)) {
      const job = await queue.getJob(id);
      if (job?.data.source !== person.source) continue;
      const { source, timeZone } = job.data;
      const erased = eraseElements(await unpackBody(job.data), { source, timeZone }, people, hints);
      if (erased === undefined) continue;
      elements += erased.elements;
      const { body } = erased;
      if (!trial) await job.updateData({ ...job.data, bytes: body.length, body: await packBody(body) });
    }
    return elements;
  },
};
