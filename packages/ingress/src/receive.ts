/** Where a batch enters: read the bytes, store them durably, and only then say 200. Nothing here looks into them. */
import type { IncomingMessage } from 'node:http';
import {
  batchJobOptions,
  messageOf,
  packBody,
  withDeadline,
  type BatchJob,
  type ByteBudget,
  type JobQueue,
  type Logger,
  type StoreRoom,
} from '@vidhuk/shared';
import { v7 as uuidv7 } from 'uuid';
import type { IngressMetrics } from './metrics.js';
import { BadRequest, decompress, encodingOf, readBody } from './read-body.js';

export interface ReceiverParts {
  queue: Pick<JobQueue<BatchJob>, 'add'>;
  budget: ByteBudget;
  room: Pick<StoreRoom, 'takes'>;
  limits: { maxBodyBytes: number; maxWaitMs: number; enqueueTimeoutMs: number };
  metrics: IngressMetrics;
  log: Logger;
}

interface Answer {
  status: 200 | 400 | 413 | 503;
  body: string;
}

/** The sender repeats after a minute at the earliest, whatever this says. */
export const retryAfterSeconds = 10;
const busy: Answer = { status: 503, body: 'nothing was stored, please repeat\n' };

export type Receive = (request: IncomingMessage, source: { name: string; timeZone: string }) => Promise<Answer>;

/** The function that takes one authenticated webhook call to its answer; it never rejects. */
export function createReceiver({ queue, budget, room, limits, metrics, log }: ReceiverParts): Receive {
  return async (request, source) => {
    const release = await budget.take(reservation(request, limits.maxBodyBytes), limits.maxWaitMs);
    if (release === undefined) {
      log.warn({ source: source.name, bytesInFlight: budget.used }, 'too many bytes in flight, answered 503');
      return busy;
    }
    try {
      const body = await decompressed(await readBody(request, limits.maxBodyBytes), request, source.name);
      const id = await store(body, source);
      metrics.stored(source.name, body.length);
      log.info({ batchId: id, source: source.name, bytes: body.length }, 'batch stored');
      return { status: 200, body: 'ok' };
    } catch (error) {
      if (error instanceof BadRequest) return { status: error.status, body: `${error.message}\n` };
      log.error({ source: source.name, err: messageOf(error) }, 'the queue did not take the batch, answered 503');
      return busy;
    } finally {
      release();
    }
  };

  /** What cannot be decompressed goes on as it came, and ends in quarantine as one element that is not JSON. */
  async function decompressed(body: Buffer, request: IncomingMessage, source: string): Promise<Buffer> {
    const encoding = encodingOf(request);
    if (encoding === 'identity') return body;
    const whole = await decompress(body, encoding, limits.maxBodyBytes);
    if (whole === undefined)
      log.warn({ source, encoding, bytes: body.length }, 'a body is not what its Content-Encoding says, stored as it came');
    return whole ?? body;
  }

  /** Gives the batch's id. After a timeout the batch may have been stored all the same: then its repetition is a duplicate, and dropped as such. */
  async function store(body: Buffer, source: { name: string; timeZone: string }): Promise<string> {
    const id = uuidv7();
    const job: BatchJob = {
      id,
      source: source.name,
      timeZone: source.timeZone,
      receivedAt: new Date().toISOString(),
      bytes: body.length,
      body: await packBody(body),
    };
    if (!room.takes(storedBytes(job.body))) throw new Error('the queue’s store is full');
    await withDeadline('storing the batch', limits.enqueueTimeoutMs, queue.add('batch', job, { ...batchJobOptions, jobId: id }));
    return id;
  }
}

/** What a job takes in the store, at most: its body, which Redis rounds up and has in its buffers for a while, and its other fields with their keys. */
const storedBytes = (body: string): number => body.length * 1.6 + 8_192;

/** What a body may take in memory: its length where the sender says it, the most that is allowed where it does not, and that once more to decompress it. */
function reservation(request: IncomingMessage, maxBodyBytes: number): number {
  const length = Number(request.headers['content-length'] ?? maxBodyBytes);
  return encodingOf(request) === 'identity' ? length : length + maxBodyBytes;
}
