/** The HTTP client that handlers get: reaches public addresses only, follows no redirect, reads no more than it is told to (64 KB), and tells no secrets. */
import { lookup as systemLookup } from 'node:dns';
import { Agent, request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { PermanentError, UnavailableError } from '@vidhuk/shared';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';
import { addressGuard, refusalOf, type AddressGuard } from './http/address-guard.js';
import { brokenOff, connectTimeout, describeFailure, isFaultOfRequest } from './http/describe-failure.js';
import { guardedLookup, refuseLiteral } from './http/guarded-lookup.js';
import { sharedLookup } from './http/shared-lookup.js';
import { TunnelAgent } from './http/tunnel-agent.js';

/** Bytes of an answer that are read unless the request says otherwise; the connection is closed on the rest. */
const usualBodyBytes = 64 * 1024;
/** ms for name, connection and TLS. */
const connectTimeoutMs = 3_000;

export interface GuardedHttpOptions {
  /** Resolves names; the operating system's if left out. */
  lookup?: LookupFunction;
  /** See {@link addressGuard}; the well-known prefix if left out. */
  nat64?: readonly string[];
  /** http: or https:, through which https: URLs are called, unless a call may reach private addresses: the proxy looks their names up, so that only addresses in URLs are refused here. */
  proxy?: string | null;
}

/** Connections by which requests of one kind go; those of two kinds never mix. */
interface Agents {
  'http:': Agent;
  'https:': TlsAgent;
  /** Of addresses that stand in the URL; null: all are allowed. */
  guard: AddressGuard | null;
}

function openAgents(lookup: LookupFunction, guard: AddressGuard | null, proxy: string | null = null): Agents {
  const options = { keepAlive: true, lookup: guard === null ? lookup : guardedLookup(lookup, guard) };
  const secure = proxy === null ? new TlsAgent(options) : new TunnelAgent(new URL(proxy), connectTimeoutMs);
  return { 'http:': new Agent(options), 'https:': secure, guard };
}

/**
 * Rejects with `PermanentError` for an address in the URL or a request that is refused, with `UnavailableError` when no full answer came or the name
 * leads to an address that is refused, and with the signal's reason when that aborted for anything but a timeout. Messages name the origin only: paths
 * and queries carry tokens.
 */
export function createGuardedHttp({ lookup: lookUp = systemLookup, nat64, proxy = null }: GuardedHttpOptions = {}): HttpClient & {
  close(): Promise<void>;
} {
  const lookup = sharedLookup(lookUp);
  const guarded = openAgents(lookup, nat64 === undefined ? refusalOf : addressGuard(nat64), proxy);
  const open = openAgents(lookup, null);
  return {
    request: (request) => send(request.allowPrivateNetwork === true ? open : guarded, request),
    close() {
      for (const agents of [guarded, open]) for (const agent of [agents['http:'], agents['https:']]) agent.destroy();
      return Promise.resolve();
    },
  };
}

async function send(agents: Agents, request: HttpRequest): Promise<HttpResponse> {
  const target = parseTarget(request.url);
  const { signal } = request;
  try {
    signal.throwIfAborted();
    const hostname = target.hostname.replace(/^\[(.*)\]$/, '$1');
    if (agents.guard !== null) refuseLiteral(hostname, agents.guard);
    const attempt = () => exchange(agents, target, hostname, request);
    // The other side may close an idle connection just while a request goes out by it; nobody has seen that request then.
    return await attempt().catch((error: unknown) =>
      error instanceof StaleConnection ? attempt() : Promise.reject(error as Error),
    );
  } catch (error) {
    throw explain(error, target.origin, signal);
  }
}

/** A kept connection turned out to be closed. */
class StaleConnection extends Error {}

function exchange(
  agents: Agents,
  target: URL,
  hostname: string,
  { method, headers, body, signal, maxBodyBytes = usualBodyBytes }: HttpRequest,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const options = {
      hostname,
      port: target.port,
      path: target.pathname + target.search,
      method,
      // Said here, for Node says it of some methods only, and a body without a length would be taken for the next request.
      headers: { host: target.host, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }), ...headers },
      signal,
      insecureHTTPParser: true, // takes bare line feeds and the like, as curl does: an answer concerns nobody but who gave it
    };
    const request =
      target.protocol === 'https:'
        ? requestTls({ ...options, agent: agents['https:'] })
        : requestPlain({ ...options, agent: agents['http:'] });
    let answer: Promise<HttpResponse> | undefined;
    request.on('socket', (socket) => limitConnecting(request, socket, target.protocol));
    request.on('response', (response) => {
      answer = readAnswer(response, maxBodyBytes);
      answer.then(resolve, reject);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (answer !== undefined) return; // what it says behind its answer concerns nobody
      const isStale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    // After an answer that is none, such as a switch of protocols, nothing else comes.
    request.on('close', () => {
      if (answer === undefined) reject(brokenOff(new Error('closed')));
    });
    request.end(body);
  });
}

function limitConnecting(request: ClientRequest, socket: Socket, protocol: string): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => request.destroy(connectTimeout()), connectTimeoutMs);
  const stop = () => clearTimeout(timer);
  socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', stop);
  socket.once('close', stop);
}

async function readAnswer(response: IncomingMessage, maxBodyBytes: number): Promise<HttpResponse> {
  const headers = Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
  );
  const body = await readStart(response, maxBodyBytes).catch((error: unknown) => {
    throw response.complete ? error : brokenOff(error);
  });
  return { status: response.statusCode ?? 0, headers, ...body };
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

async function readStart(stream: AsyncIterable<Buffer>, maxBodyBytes: number): Promise<Pick<HttpResponse, 'body' | 'truncated'>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBodyBytes) break; // which destroys the stream
  }
  const body = Buffer.concat(chunks).subarray(0, maxBodyBytes).toString();
  return size > maxBodyBytes ? { body, truncated: true } : { body };
}

function explain(error: unknown, origin: string, signal: AbortSignal): unknown {
  if (error instanceof PermanentError || error instanceof UnavailableError) return error;
  if (signal.aborted) {
    const { reason } = signal as { reason: unknown };
    const timedOut = reason instanceof DOMException && reason.name === 'TimeoutError';
    return timedOut ? new UnavailableError(`${origin}: no full answer in time`, 0, { cause: error }) : reason;
  }
  if (isFaultOfRequest(error)) return new PermanentError(`${origin}: the request cannot be sent`, { cause: error });
  return new UnavailableError(`${origin}: ${describeFailure(error)}`, 0, { cause: error });
}
