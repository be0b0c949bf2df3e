/** What every endpoint that keeps a body does with it: wait for room, read it, have it stored, and say what became of it. Nothing here looks into it. */
import type { IncomingMessage } from 'node:http';
import { messageOf, type ByteBudget, type Logger } from '@vidhuk/shared';
import { BadRequest, decompress, encodingOf, readBody } from './read-body.js';

export interface BodyParts {
  budget: ByteBudget;
  limits: { maxBodyBytes: number; maxWaitMs: number };
  log: Logger;
  /** What a request brings, for log lines: `batch`. */
  what: string;
}

/** Why nothing was stored, as far as its sender hears of it; what is the request's own fault is told by whoever answers. */
interface Refusal {
  status: 400 | 413 | 503;
  message: string;
}

/** `stored` is what `store` gave. */
type Received<T> = { stored: T } | { refusal: Refusal };

/** The sender of batches repeats after a minute at the earliest, whatever this says. */
export const retryAfterSeconds = 10;
const busy: Refusal = { status: 503, message: 'nothing was stored, please repeat' };

export interface BodyReceiver {
  /** Hands the whole body of an authenticated request to `store`, which rejects where it could not be stored. Never rejects. `about`, for log lines: whose it is. */
  receive<T>(
    request: IncomingMessage,
    about: Readonly<Record<string, string>>,
    store: (body: Buffer) => Promise<T>,
  ): Promise<Received<T>>;
}

export function createBodyReceiver({ budget, limits, log, what }: BodyParts): BodyReceiver {
  return {
    async receive(request, about, store) {
      const release = await budget.take(reservation(request, limits.maxBodyBytes), limits.maxWaitMs);
      if (release === undefined) {
        log.warn({ ...about, bytesInFlight: budget.used }, 'too many bytes in flight, answered 503');
        return { refusal: busy };
      }
      try {
        return { stored: await store(await decompressed(await readBody(request, limits.maxBodyBytes), request, about)) };
      } catch (error) {
        if (error instanceof BadRequest) return { refusal: { status: error.status, message: error.message } };
        log.error({ ...about, err: messageOf(error) }, `the queue did not take the ${what}, answered 503`);
        return { refusal: busy };
      } finally {
        release();
      }
    },
  };

  /** What cannot be decompressed goes on as it came: a batch ends in quarantine as one element that is not JSON. */
  async function decompressed(body: Buffer, request: IncomingMessage, about: Readonly<Record<string, string>>): Promise<Buffer> {
    const encoding = encodingOf(request);
    if (encoding === 'identity') return body;
    const whole = await decompress(body, encoding, limits.maxBodyBytes);
    if (whole === undefined)
      log.warn({ ...about, encoding, bytes: body.length }, 'a body is not what its Content-Encoding says, stored as it came');
    return whole ?? body;
  }
}

/** What a body may take in memory: its length where the sender says it, the most that is allowed where it does not, and that once more to decompress it. */
function reservation(request: IncomingMessage, maxBodyBytes: number): number {
  const { headers } = request;
  // A request with neither header has no body (RFC 9112, section 6.3).
  const unsaid = headers['transfer-encoding'] === undefined ? 0 : maxBodyBytes;
  const length = Number(headers['content-length'] ?? unsaid);
  return encodingOf(request) === 'identity' ? length : length + maxBodyBytes;
}
