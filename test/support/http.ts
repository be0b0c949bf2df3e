/** HTTP as a test needs it: the answer with its body, without redirects, retries or connections that outlive it. */
import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { Readable } from 'node:stream';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  /** Parts are sent one after the other, without a Content-Length. */
  body?: string | Buffer | AsyncIterable<Buffer>;
  agent?: Agent;
  /** Default 30 s. */
  timeoutMs?: number;
}

/** Rejects when no answer came, for whatever reason. An answer that comes before the body was sent counts as well. */
export function send(
  url: string,
  { method = 'GET', headers = {}, body, agent, timeoutMs = 30_000 }: RequestOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isPlain = typeof body === 'string' || Buffer.isBuffer(body);
    const length = isPlain && headers['Content-Length'] === undefined ? { 'Content-Length': Buffer.byteLength(body) } : {};
    const request = httpRequest(url, { method, headers: { ...length, ...headers }, agent, timeout: timeoutMs });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
        if (!request.writableFinished) request.destroy();
      });
    });
    if (body === undefined || isPlain) request.end(body);
    else Readable.from(body).pipe(request);
  });
}

/**
 * Writes `text` to the server at `port` as it is, and gives what comes back until the server closes; rejects after `timeoutMs`. `end`: says at once
 * that nothing more comes, upon which Node answers what is under way and nothing behind it; `endAfterMs`: says so later.
 */
export async function sendRaw(
  port: number,
  text: string | Buffer,
  { timeoutMs = 10_000, end = false, endAfterMs }: { timeoutMs?: number; end?: boolean; endAfterMs?: number } = {},
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const timers = [setTimeout(() => socket.destroy(new Error(`not closed within ${timeoutMs} ms`)), timeoutMs)];
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(text);
  if (end) socket.end();
  if (endAfterMs !== undefined) timers.push(setTimeout(() => socket.end(), endAfterMs));
  try {
    await once(socket, 'close');
    return Buffer.concat(chunks).toString();
  } finally {
    timers.forEach(clearTimeout);
    socket.destroy();
  }
}
