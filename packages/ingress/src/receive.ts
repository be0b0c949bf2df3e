/** Where a batch enters: its bytes are stored durably, and only then it is answered with 200. Nothing here looks into them. */
import type { IncomingMessage } from 'node:http';
import { batchOptions, type BatchJob, type Configuration, type JobQueue, type StoreRoom } from '@vidhuk/shared';
import { v7 as uuidv7 } from 'uuid';
import type { IngressMetrics } from './metrics.js';
import { createBodyReceiver, type BodyParts } from './receive-body.js';
import { createJobStore, type JobStoreParts } from './store-job.js';

export interface ReceiverParts extends Omit<BodyParts, 'what' | 'limits'> {
  room: Pick<StoreRoom, 'takes' | 'hasRoomFor' | 'fill'>;
  queue: Pick<JobQueue<BatchJob>, 'add'>;
  limits: BodyParts['limits'] & JobStoreParts['limits'];
  metrics: IngressMetrics;
  /** Default: not at all. */
  keepFinished?: Configuration['queue']['keepFinished'];
}

interface Answer {
  status: 200 | 400 | 408 | 413 | 503;
  body: string;
}

export type Receive = (request: IncomingMessage, source: { name: string; timeZone: string }) => Promise<Answer>;

/** The function that takes one authenticated webhook call to its answer; it never rejects. */
export function createReceiver({ queue, metrics, keepFinished = 'off', ...parts }: ReceiverParts): Receive {
  const { log } = parts;
  const bodies = createBodyReceiver({ ...parts, what: 'batch' });
  const storeJob = createJobStore(parts);
  return async (request, source) => {
    const received = await bodies.receive(request, { source: source.name }, async ({ body, packed }) => {
      const id = await store(body, packed, source);
      metrics.stored(source.name, body.length);
      log.info({ batchId: id, source: source.name, bytes: body.length }, 'batch stored');
    });
    if ('stored' in received) return { status: 200, body: 'ok' };
    const { status, message } = received.refusal;
    return { status, body: `${message}\n` };
  };

  /** Gives the batch's id. After a timeout the batch may have been stored all the same: then its repetition is a duplicate, and dropped as such. */
  async function store(
    body: Buffer,
    packed: string,
    { name: source, timeZone }: { name: string; timeZone: string },
  ): Promise<string> {
    const id = uuidv7();
    const receivedAt = new Date().toISOString();
    const job = { id, source, timeZone, receivedAt, bytes: body.length, body: packed };
    await storeJob(queue, 'batch', job, batchOptions(job, keepFinished, parts.room.fill));
    return id;
  }
}
