/** The bytes of a request body, decompressed, within a limit that counts what comes out and not what goes in. */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw, type InputType, type ZlibOptions } from 'node:zlib';
import { DeadlineExceeded, NoRoom, withDeadline, type BudgetShare } from '@vidhuk/shared';

/** A request that cannot be stored, whatever the store does; `status` is the answer. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
  constructor(
    readonly status: 400 | 408 | 413,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const tooLarge = (limit: number, cause: unknown) => new BadRequest(413, `the body is larger than ${limit} bytes`, { cause });

interface ReadLimits {
  /** Bytes. */
  maxBodyBytes: number;
  /** ms without a byte after which the sender is given up; how long all of it takes does not matter, lines are slow. */
  idleTimeoutMs: number;
}

/** Room is taken so many bytes at a time. */
const roomStep = 64 * 1024;

/**
 * The bytes as they came over the wire; `share` holds what has come, and no more, so that a slow sender holds little. Throws {@link BadRequest}: 413
 * over the limit, 400 for a body that is cut off, 408 for one that does not go on. Rejects with `NoRoom` where there is none in time.
 */
export async function readBody(request: IncomingMessage, limits: ReadLimits, share: BudgetShare): Promise<Buffer> {
  const { maxBodyBytes } = limits;
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes, undefined);
  const chunks: Buffer[] = [];
  let size = 0;
  // The connection is left for the answer.
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  try {
    for (;;) {
      const piece = await withDeadline('the next bytes of the body', limits.idleTimeoutMs, pieces.next());
      if (piece.done === true) return Buffer.concat(chunks, size);
      size += piece.value.length;
      if (size > maxBodyBytes) throw tooLarge(maxBodyBytes, undefined);
      await share.hold(Math.ceil(size / roomStep) * roomStep);
      chunks.push(piece.value);
    }
  } catch (error) {
    if (error instanceof BadRequest || error instanceof NoRoom) throw error;
    if (error instanceof DeadlineExceeded)
      throw new BadRequest(408, `no byte of the body came for ${limits.idleTimeoutMs} ms`, { cause: error });
    throw new BadRequest(400, 'the body could not be read to its end', { cause: error });
  }
}

/** In lower case; `identity` where the header says nothing. */
export const encodingOf = (request: IncomingMessage): string =>
  (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();

/** Tried first, in bytes: few bodies are larger. */
const usuallyAtMost = 8 * 2 ** 20;

/**
 * What `encoding` was made of, of `limit` bytes at most: over it throws a {@link BadRequest} with 413. `hold` makes room for what may come out of it, which
 * nobody knows beforehand. `undefined` for what is not in that encoding, or in one that is not known: no other answer than 200 would ever let the sender go
 * on, so whoever calls stores the bytes as they came.
 */
export async function decompress(
  body: Buffer,
  encoding: string,
  limit: number,
  hold: (bytes: number) => Promise<void>,
): Promise<Buffer | undefined> {
  const decode = decoderOf(encoding, body);
  if (decode === undefined) return undefined;
  for (let most = Math.min(usuallyAtMost, limit); ; most = limit) {
    await hold(most);
    try {
      return await decode(body, { maxOutputLength: most });
    } catch (error) {
      if (!hasCode(error, 'ERR_BUFFER_TOO_LARGE')) return undefined;
      if (most === limit) throw tooLarge(limit, error);
    }
  }
}

type Decoder = (body: InputType, options: ZlibOptions) => Promise<Buffer>;
const decoders = { gzip: promisify(gunzip), zlib: promisify(inflate), raw: promisify(inflateRaw) } satisfies Record<
  string,
  Decoder
>;

function decoderOf(encoding: string, body: Buffer): Decoder | undefined {
  if (encoding === 'gzip' || encoding === 'x-gzip') return decoders.gzip;
  if (encoding !== 'deflate') return undefined;
  // RFC 9110 says zlib, some senders leave its header out: its first four bits are 8 (RFC 1950), which begins no sensible raw block.
  return ((body[0] ?? 0) & 0x0f) === 8 ? decoders.zlib : decoders.raw;
}

/**
 * Reads on for `maxMs` at most and keeps nothing. Whoever answers before the body has come closes the connection, and a sender that still writes
 * would find it reset and never see the answer.
 */
export async function discardRest(request: IncomingMessage, maxMs = 1_000): Promise<void> {
  if (request.complete || request.destroyed) return;
  // Whoever has begun to read it has left its listener, and then nothing flows.
  request.removeAllListeners('readable');
  await new Promise(setImmediate);
  request.resume();
  await finished(request, { signal: AbortSignal.timeout(maxMs) }).catch(() => undefined); // it is refused anyway
}

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
