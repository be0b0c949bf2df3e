/** The bytes of a request body, decompressed, within a limit that counts what comes out and not what goes in. */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { createGunzip, createInflate } from 'node:zlib';
import getRawBody from 'raw-body';

/** A request that cannot be stored, whatever the store does; `status` is the answer. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
  constructor(
    readonly status: 400 | 413 | 415,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Throws {@link BadRequest}: 413 over `limit` bytes, 415 for an unknown encoding, 400 for a body cut off or not decompressible. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const length = request.headers['content-length'];
  try {
    if (encoding === 'identity') return await getRawBody(request, { limit, length: length ?? null });
    const inflate = decompressor(encoding);
    request.on('error', (error) => inflate.destroy(error)).pipe(inflate);
    try {
      return await getRawBody(inflate, { limit });
    } finally {
      request.unpipe(inflate);
      inflate.destroy();
    }
  } catch (error) {
    if (error instanceof BadRequest) throw error;
    if (hasType(error, 'entity.too.large')) throw new BadRequest(413, `the body is larger than ${limit} bytes`, { cause: error });
    throw new BadRequest(400, 'the body could not be read to its end', { cause: error });
  }
}

/**
 * Reads on for `maxMs` at most and keeps nothing. Whoever answers before the body has come closes the connection, and a sender that still writes
 * would find it reset and never see the answer.
 */
export async function discardRest(request: IncomingMessage, maxMs = 1_000): Promise<void> {
  if (request.complete || request.destroyed) return;
  request.resume();
  await finished(request, { signal: AbortSignal.timeout(maxMs) }).catch(() => undefined); // it is refused anyway
}

function decompressor(encoding: string) {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  throw new BadRequest(415, 'Content-Encoding must be gzip, deflate or identity');
}

const hasType = (error: unknown, type: string): boolean => error instanceof Error && 'type' in error && error.type === type;
