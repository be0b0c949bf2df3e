/** The way into the log for what a road tells: the queue of batches, as for the webhook. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  batchJobOptions,
  messageOf,
  packBody,
  type BatchJob,
  type BatchOrigin,
  type JobQueue,
  type StoreRoom,
} from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { RoadElement } from './road.js';
import { landedBatches } from './sql/landed-batches.js';

export interface Door {
  /** Resolves when the elements are stored as durably as a batch of the webhook; waits while too many are on their way. */
  submit(elements: readonly RoadElement[]): Promise<void>;
  /** Resolves when everything that was submitted is in the log; rejects with {@link StillWaiting}. */
  settled(): Promise<void>;
}

/** Nobody takes the batches, or there is no room for them. Nothing is lost: what was submitted is in the queue. */
export class StillWaiting extends Error {
  override readonly name = 'StillWaiting';
}

export interface DoorOptions {
  source: string;
  timeZone: string;
  origin: BatchOrigin;
  dataSource: DataSource;
  queue: Pick<JobQueue<BatchJob>, 'add'>;
  /** Of the queue's store: what the webhook brings comes first. */
  room: Pick<StoreRoom, 'check'>;
  signal: AbortSignal;
  /** ms without any batch getting into the log, or without room for one, after which waiting ends. */
  patienceMs?: number;
}

/** On their way at once. */
const mostUnderWay = 16;
const pollMs = 50;
const roomPollMs = 1_000;
const usualPatienceMs = 600_000;

/** A clock that was set back between two batches. */
const clockSlackMs = 3_600_000;

export class QueueDoor implements Door {
  readonly #underWay = new Set<string>();
  readonly #since = Date.now() - clockSlackMs;

  constructor(private readonly options: DoorOptions) {}

  async submit(elements: readonly RoadElement[]): Promise<void> {
    const { source, timeZone, origin, queue } = this.options;
    await this.#untilAtMost(mostUnderWay - 1);
    await this.#untilRoom();
    const id = uuidv7();
    const body = Buffer.from(JSON.stringify(elements));
    const receivedAt = new Date().toISOString();
    const job: BatchJob = { id, source, origin, timeZone, receivedAt, bytes: body.length, body: await packBody(body) };
    await queue.add('batch', job, { ...batchJobOptions, jobId: id });
    this.#underWay.add(id);
  }

  settled(): Promise<void> {
    return this.#untilAtMost(0);
  }

  async #untilRoom(): Promise<void> {
    const { room, signal, patienceMs = usualPatienceMs } = this.options;
    for (const since = performance.now(); ;) {
      signal.throwIfAborted();
      try {
        await room.check();
        return;
      } catch (error) {
        if (performance.now() - since > patienceMs)
          throw new StillWaiting(`nothing can be added: ${messageOf(error)}`, { cause: error });
      }
      await sleep(roomPollMs, undefined, { signal });
    }
  }

  async #untilAtMost(count: number): Promise<void> {
    const { dataSource, signal, patienceMs = usualPatienceMs } = this.options;
    for (let since = performance.now(); this.#underWay.size > count;) {
      signal.throwIfAborted();
      const landed = await landedBatches(dataSource, [...this.#underWay], this.#since);
      for (const id of landed) this.#underWay.delete(id);
      if (landed.length > 0) since = performance.now();
      else if (performance.now() - since > patienceMs)
        throw new StillWaiting(
          `${this.#underWay.size} batches of this run wait in the queue for ${Math.round(patienceMs / 1000)} s: does a worker run? They are added once it does`,
        );
      if (this.#underWay.size > count) await sleep(pollMs, undefined, { signal });
    }
  }
}
