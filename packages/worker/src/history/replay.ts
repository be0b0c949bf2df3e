/** Puts what came in through the pipeline once more: bodies that are kept, and finished batches of the queue that the database does not have. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  batchJobOptions,
  messageOf,
  packBody,
  type BatchJob,
  type Configuration,
  type JobQueue,
  type StoreRoom,
} from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { countNew, listKept, unknownBatches, type Span } from './sql/replayed.js';
import { readBodies } from './rebuild/sql/kept-bodies.js';

type Queue = Pick<JobQueue<BatchJob>, 'add' | 'getJob' | 'getRanges'>;

/** A batch to be replayed: by its id in the table, or by that of its job. */
export interface Replayable {
  from: 'body' | 'queue';
  id: string;
}

export interface ReplayParts {
  dataSource: DataSource;
  queue: Queue;
  room: Pick<StoreRoom, 'check'>;
  /** For the time zones of bodies. */
  sources: Configuration['sources'];
  /** ms without any batch being done, or without room for one, after which waiting ends. */
  patienceMs?: number;
}

/** Both kinds, in the order in which they were received: ids are UUIDs of version 7. */
export async function findReplayable(
  { dataSource, queue }: Pick<ReplayParts, 'dataSource' | 'queue'>,
  span: Span,
): Promise<Replayable[]> {
  const kept = (await listKept(dataSource, span)).map((id): Replayable => ({ from: 'body', id }));
  const finished: { id: string; batch: string }[] = [];
  for (const id of await queue.getRanges(['completed'], 0, -1)) {
    const data = (await queue.getJob(id))?.data;
    if (data === undefined || new Date(data.receivedAt) < span.since) continue;
    if (span.source === null || data.source === span.source) finished.push({ id, batch: data.id });
  }
  const unknown = await unknownBatches(
    dataSource,
    finished.map(({ batch }) => batch),
  );
  const lost = finished.filter(({ batch }) => unknown.has(batch)).map(({ id }): Replayable => ({ from: 'queue', id }));
  return [...kept, ...lost].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const mostUnderWay = 16;
const pollMs = 50;
const usualPatienceMs = 600_000;

export class Replay {
  readonly #underWay = new Set<string>();
  readonly #lost: string[] = [];

  constructor(private readonly parts: ReplayParts) {}

  /** Submits them, few at a time, so that what comes in meanwhile does not wait long. */
  async submit(some: readonly Replayable[]): Promise<Record<string, number>> {
    const counts = { bodies: 0, lost: 0 };
    for (const each of some) {
      const job = await this.#jobOf(each);
      if (job === undefined) continue; // gone meanwhile
      await this.#untilAtMost(mostUnderWay - 1);
      await this.#untilRoom();
      const jobId = uuidv7();
      await this.parts.queue.add('batch', { ...job, kept: true }, { ...batchJobOptions, jobId });
      this.#underWay.add(jobId);
      if (each.from === 'queue') this.#lost.push(job.id);
      counts[each.from === 'queue' ? 'lost' : 'bodies']++;
    }
    return counts;
  }

  /** Waits until all of them are done. */
  settled(): Promise<void> {
    return this.#untilAtMost(0);
  }

  /** Activities of batches that the database did not have, once they are settled. */
  cameBack(): Promise<number> {
    return countNew(this.parts.dataSource, this.#lost);
  }

  async #jobOf({ from, id }: Replayable): Promise<BatchJob | undefined> {
    if (from === 'queue') return (await this.parts.queue.getJob(id))?.data;
    const [kept] = await readBodies(this.parts.dataSource, { first: id, last: id }, null);
    if (kept?.body == null) return undefined;
    const { source, origin, receivedAt, body } = kept;
    const timeZone = this.parts.sources[source]?.timeZone ?? 'UTC';
    return { id, source, origin, timeZone, receivedAt: receivedAt.toISOString(), bytes: body.length, body: await packBody(body) };
  }

  async #untilRoom(): Promise<void> {
    const { room, patienceMs = usualPatienceMs } = this.parts;
    for (const since = performance.now(); ;) {
      try {
        await room.check();
        return;
      } catch (error) {
        if (performance.now() - since > patienceMs)
          throw new Error(`nothing can be added: ${messageOf(error)}`, { cause: error });
      }
      await sleep(1_000);
    }
  }

  async #untilAtMost(count: number): Promise<void> {
    const { queue, patienceMs = usualPatienceMs } = this.parts;
    for (let since = performance.now(); this.#underWay.size > count;) {
      for (const id of this.#underWay)
        if ((await queue.getJob(id)) === undefined) {
          this.#underWay.delete(id);
          since = performance.now();
        }
      if (performance.now() - since > patienceMs)
        throw new Error(
          `${this.#underWay.size} batches wait in the queue for ${Math.round(patienceMs / 1_000)} s: does a worker run? They are done once it does`,
        );
      if (this.#underWay.size > count) await sleep(pollMs);
    }
  }
}
