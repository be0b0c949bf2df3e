/** The HTTP client that handlers get: reaches public addresses only, follows no redirect, reads no more than 64 KB, and tells no secrets. */
import type { LookupFunction } from 'node:net';
import { PermanentError, UnavailableError } from '@vidhuk/shared';
import { Agent } from 'undici';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';
import { describeFailure, isFaultOfRequest } from './http/describe-failure.js';
import { guardedConnector, openConnector } from './http/guarded-connector.js';

/** Bytes of an answer that are read; the connection is closed on the rest. */
const maxBodyBytes = 64 * 1024;

export interface GuardedHttpOptions {
  /** Resolves names; the operating system's if left out. */
  lookup?: LookupFunction;
}

/**
 * Rejects with `PermanentError` for an address or a request that is refused, with `UnavailableError` when no full answer came, and with the
 * signal's reason when that aborted for anything but a timeout. Messages name the origin only: paths and queries carry tokens.
 */
export function createGuardedHttp({ lookup }: GuardedHttpOptions = {}): HttpClient & { close(): Promise<void> } {
  // The whole call's time is the caller's signal's; connections of the two never mix.
  const settings = { headersTimeout: 0, bodyTimeout: 0 };
  const guarded = new Agent({ ...settings, connect: guardedConnector(lookup) });
  const open = new Agent({ ...settings, connect: openConnector(lookup) });
  return {
    request: (request) => send(request.allowPrivateNetwork === true ? open : guarded, request),
    async close() {
      await Promise.all([guarded.destroy(), open.destroy()]);
    },
  };
}

async function send(agent: Agent, { method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
  const target = parseTarget(url);
  try {
    signal.throwIfAborted();
    const answer = await agent.request({
      origin: target.origin,
      path: target.pathname + target.search,
      method,
      headers: { ...headers },
      body: body ?? null,
      signal,
    });
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')])),
      body: await readStart(answer.body),
    };
  } catch (error) {
    throw explain(error, target.origin, signal);
  }
}

/** Throws `PermanentError` for a URL that is not called: another protocol, credentials in it, not a URL. */
export function parseTarget(url: string): URL {
  if (!URL.canParse(url)) throw new PermanentError('the URL is not valid');
  const target = new URL(url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new PermanentError(`only http: and https: are called, not ${target.protocol}`);
  }
  if (target.username !== '' || target.password !== '') {
    throw new PermanentError('credentials do not belong into the URL: an "authorization" header carries them');
  }
  return target;
}

async function readStart(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBodyBytes) break; // which destroys the stream
  }
  return Buffer.concat(chunks).subarray(0, maxBodyBytes).toString();
}

function explain(error: unknown, origin: string, signal: AbortSignal): unknown {
  if (error instanceof PermanentError) return error;
  if (signal.aborted) {
    const { reason } = signal as { reason: unknown };
    const timedOut = reason instanceof DOMException && reason.name === 'TimeoutError';
    return timedOut ? new UnavailableError(`${origin}: no full answer in time`, 0, { cause: error }) : reason;
  }
  if (isFaultOfRequest(error)) return new PermanentError(`${origin}: the request cannot be sent`, { cause: error });
  return new UnavailableError(`${origin}: ${describeFailure(error)}`, 0, { cause: error });
}
