/** What every endpoint that keeps a body does with it: wait for room, read it, have it stored, and say what became of it. Nothing here looks into it. */
import type { IncomingMessage } from 'node:http';
import { messageOf, NoRoom, packBody, type ByteBudget, type BudgetShare, type Logger, type StoreRoom } from '@vidhuk/shared';
import { BadRequest, decompress, encodingOf, readBody } from './read-body.js';
import { NoStoreRoom, storedBytes } from './store-job.js';

export interface BodyParts {
  budget: ByteBudget;
  room: Pick<StoreRoom, 'hasRoomFor' | 'fill'>;
  limits: { maxBodyBytes: number; maxWaitMs: number; idleTimeoutMs: number };
  log: Logger;
  /** What a request brings, for log lines: `batch`. */
  what: string;
}

/** Why nothing was stored, as far as its sender hears of it; what is the request's own fault is told by whoever answers. */
interface Refusal {
  status: 400 | 408 | 413 | 503;
  message: string;
}

/** `stored` is what `store` gave. */
type Received<T> = { stored: T } | { refusal: Refusal };

/** The sender of batches repeats after a minute at the earliest, whatever this says. */
export const retryAfterSeconds = 10;
const busy: Refusal = { status: 503, message: 'nothing was stored, please repeat' };

export interface ReceivedBody {
  /** Decompressed. */
  body: Buffer;
  /** As jobs carry it, see `packBody`. */
  packed: string;
}

export interface BodyReceiver {
  /** Hands the whole body of an authenticated request to `store`, which rejects where it could not be stored. Never rejects. `about`, for log lines: whose it is. */
  receive<T>(
    request: IncomingMessage,
    about: Readonly<Record<string, string>>,
    store: (received: ReceivedBody) => Promise<T>,
  ): Promise<Received<T>>;
}

/** Of a body, as it is sent. To compress a smaller one costs less than it is worth to think about it beforehand. */
const largeBytes = 8 * 2 ** 20;
/** Packed, of a large body: as the vendor writes them. */
const usuallyPacked = 0.25;
/** Of the store: so empty it is worth a try. */
const nearlyEmpty = 0.25;

export function createBodyReceiver({ budget, room, limits, log, what }: BodyParts): BodyReceiver {
  /** What the latest large body was packed to, of its bytes: the next is thought to be like it. */
  let packedTo = usuallyPacked;
  return {
    async receive(request, about, store) {
      const share = budget.share(limits.maxWaitMs);
      try {
        expectRoom(Number(request.headers['content-length'] ?? 0));
        const body = await decompressed(await readBody(request, limits, share), request, about, share);
        return { stored: await store({ body, packed: await pack(body, share) }) };
      } catch (error) {
        if (error instanceof BadRequest) return { refusal: { status: error.status, message: error.message } };
        if (error instanceof NoRoom)
          log.warn({ ...about, bytesInFlight: budget.used, why: error.message }, 'too many bytes in flight, answered 503');
        else log.error({ ...about, err: messageOf(error) }, `the queue did not take the ${what}, answered 503`);
        return { refusal: busy };
      } finally {
        share.release();
      }
    },
  };

  /**
   * Before a large body is read and packed, in seconds: rejects where the store will hardly have room for it. With each refusal it is thought to be smaller, so
   * that what packs well is tried soon. What is too large for any store is refused otherwise.
   */
  function expectRoom(bytes: number): void {
    if (!(bytes > largeBytes && bytes <= limits.maxBodyBytes) || room.fill < nearlyEmpty) return;
    if (room.hasRoomFor(storedBytes(bytes * packedTo))) return;
    packedTo = Math.max(usuallyPacked, packedTo / 2);
    throw new NoStoreRoom();
  }

  /** What cannot be decompressed goes on as it came: a batch ends in quarantine as one element that is not JSON. */
  async function decompressed(
    body: Buffer,
    request: IncomingMessage,
    about: Readonly<Record<string, string>>,
    share: BudgetShare,
  ): Promise<Buffer> {
    const encoding = encodingOf(request);
    if (encoding === 'identity') return body;
    const whole = await decompress(body, encoding, limits.maxBodyBytes, (bytes) => share.hold(body.length + bytes));
    if (whole === undefined)
      log.warn({ ...about, encoding, bytes: body.length }, 'a body is not what its Content-Encoding says, stored as it came');
    return whole ?? body;
  }

  /** What cannot be compressed takes six times its bytes on its way, a usual batch less than twice. */
  async function pack(body: Buffer, share: BudgetShare): Promise<string> {
    await share.hold(body.length * 2);
    const packed = await packBody(body);
    await share.hold(body.length + packed.length * copiesOfPacked);
    if (body.length > largeBytes) packedTo = packed.length / body.length;
    return packed;
  }
}

/** On its way into the queue a packed body is there as bytes, as text, in the text of its job, and in the command that carries that. */
const copiesOfPacked = 4;

/** In bytes, with all copies: what takes more is received one at a time, beside the rest. */
export const largestShared = 16 * 2 ** 20;
