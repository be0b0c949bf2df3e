/** The contract between ingress and worker: the queue's name and what a job carries. */
import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, brotliDecompress, brotliDecompressSync, constants } from 'node:zlib';
import type { JobsOptions } from 'bullmq';
import { toMs } from './duration.js';

/** Hash-tagged, so that all keys of a queue share one slot of a Redis Cluster. */
export const queuePrefix = '{vidhuk}';
export const batchQueueName = 'activity-batches';
/** How long a worker holds a job without a sign of life. */
export const usualLockMs = 30_000;

/** By which road a batch came. */
export type BatchOrigin = 'webhook' | 'pull' | 'export' | 'file' | 'quarantine';

/** One webhook body on its way. `id` is also the job's id, a UUID version 7: it carries the time at which the batch was received. */
export interface BatchJob {
  id: string;
  source: string;
  /** Default: webhook. */
  origin?: BatchOrigin;
  /** The source's, as configured when the batch was received. */
  timeZone: string;
  /** ISO 8601, UTC. */
  receivedAt: string;
  /** Of the body, decompressed. */
  bytes: number;
  /** It is put through once more from what was kept: in the place of elements of erased people it has stubs. */
  kept?: true;
  /** The bytes as received, brotli-compressed, base64: PostgreSQL keeps job data in jsonb, which refuses text with `\u0000`. */
  body: string;
}

/**
 * A batch is tried until it succeeds: nothing that happens to it may let it fall out of the feed, so no number of attempts or stalls is final.
 * The number fits PostgreSQL's integer. There is no backoff, which BullMQ would count by a worker's clock: whoever has a job waits with it, see
 * `consumer.ts` in the worker. Finished jobs are dropped: the table `batch` is the record. See {@link batchOptions} for those that stay a while.
 */
export const manyTimes = 1_000_000_000;
export const batchJobOptions: JobsOptions = {
  attempts: manyTimes,
  removeOnComplete: true,
};

/** Of a body as it travels; larger ones are some hundred thousand bytes as they were received. */
const largestKept = 100 * 1024;
/** With {@link largestKept} at most 100 MB of the store, of which Redis has 1 GB. */
const mostKept = 1_000;
/** Of what the store may hold. */
const keepsBelow = 0.5;

/**
 * The options of a batch. Once it is done it stays for `keepFinished`, a duration or `off`: a standby that takes over may not have it yet, and then
 * `vidhuk replay` finds it here. Only as much is kept as leaves room for what waits: none while the store is half full or more, `fill` of 0.5 (NaN: it has no
 * limit).
 */
export function batchOptions(
  { id, body }: Pick<BatchJob, 'id' | 'body'>,
  keepFinished: number | string,
  fill = Number.NaN,
): JobsOptions {
  if (keepFinished === 'off' || body.length > largestKept || fill >= keepsBelow) return { ...batchJobOptions, jobId: id };
  const age = Math.max(1, Math.round(toMs(keepFinished) / 1_000));
  return { ...batchJobOptions, jobId: id, removeOnComplete: { age, count: mostKept } };
}

/** Zlib asks for more room when the room is full, even where nothing follows. Also the least that it takes. */
const spareBytes = 64;

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** Far above what an ingress takes. */
const mostBytes = 2 ** 28;
/** Measured: to hand a body to another thread takes 90 µs, to compress or decompress so many bytes about as long. */
const smallBytes = 64 * 1024;

/** Quality 1: measured on batches of 500, 77 to 87 of 500 bytes per activity; quality 5 saves 8 and takes six times as long, deflate 6 needs 85 to 89 and twice as long. */
export async function packBody(body: Buffer): Promise<string> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  // No room for what will not come: 16 KiB for every small body made V8 collect garbage twice a second.
  const options = { params, chunkSize: Math.max(spareBytes, Math.min(body.length, constants.Z_DEFAULT_CHUNK)) };
  const packed = body.length <= smallBytes ? brotliCompressSync(body, options) : await compress(body, options);
  return packed.toString('base64');
}

/**
 * The body of a job, in one piece: pieces of the usual 16 KiB are each another turn of the event loop, and a copy at the end. `bytes` is only a
 * hint; a job in which it is no length of a body is read all the same.
 */
export async function unpackBody({ body, bytes }: Pick<BatchJob, 'body' | 'bytes'>): Promise<Buffer> {
  const packed = Buffer.from(body, 'base64');
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > mostBytes) return decompress(packed);
  const options = { chunkSize: bytes + spareBytes };
  return bytes <= smallBytes ? brotliDecompressSync(packed, options) : decompress(packed, options);
}

/** When the batch with this id was received, in ms since 1970: the first 48 bits of a UUID version 7 (RFC 9562, section 5.7). */
export function receivedAtOf(batchId: string): number {
  return Number.parseInt(batchId.replaceAll('-', '').slice(0, 12), 16);
}
