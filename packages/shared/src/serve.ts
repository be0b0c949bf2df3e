/** Listening, with limits for slow clients. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from './environment.js';
import { ConfigurationError, messageOf } from './errors.js';
import type { Logger } from './logger.js';

/** Answers a request; it never rejects, as Koa's does not. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** How long a connection is kept for a last request, so that it ends with an answer. */
const lastAnswersMs = 1_000;

/** A request of which not even the headers could be read, or that took too long: nobody's listener sees it. */
export interface RefusedRequest {
  status: 400 | 408 | 431;
  /** Of the connection; undefined when it is gone already. */
  remote: string | undefined;
}

export interface ServeOptions {
  onRefused?: (refused: RefusedRequest) => void;
  /** How long a stopping server goes on as if nothing were, so that whoever routes to it notices that it is not ready any more. */
  drainMs?: number;
  /** Headers must be there by then. Default 10 s. */
  headersTimeoutMs?: number;
  /** The whole request must be there by then; 0: however long it takes, whoever reads it looks after that. Default 30 s. */
  requestTimeoutMs?: number;
  /** How long a connection is kept between two requests; longer than a proxy in front does. Default 65 s. */
  keepAliveTimeoutMs?: number;
}

/**
 * Serves `listener` at `address` and gives the function that stops it: it lets running requests finish. A port in use is a
 * {@link ConfigurationError}.
 */
export async function serve(
  listener: Listener,
  address: Address,
  log: Logger,
  options: ServeOptions = {},
): Promise<() => Promise<void>> {
  const { drainMs = 0 } = options;
  let closing = false;
  const onRequest: RequestListener = (request, response) => {
    if (closing) response.setHeader('Connection', 'close');
    void listener(request, response);
  };
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
      connectionsCheckingInterval: Math.min(1_000, options.headersTimeoutMs ?? 1_000),
      maxHeaderSize: 16_384,
    },
    onRequest,
  );
  // By itself Node answers 417 to an expectation that it does not know, and any answer but 200 would stall the feed (RFC 9110, 10.1.1: MAY).
  server.on('checkExpectation', onRequest);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuse(error, socket, options.onRefused);
  });
  server.maxConnections = 10_000;
  await listen(server, address);
  log.info({ host: address.host, port: (server.address() as AddressInfo).port }, 'listening');
  return async () => {
    await sleep(drainMs);
    const closed = once(server, 'close');
    // First nobody new: whoever is told to connect again while the system still takes connections may be reset with the last of them.
    NetServer.prototype.close.call(server);
    closing = true;
    // Then those who are connected, each with its answer. A connection that looks idle may have a request on its way.
    await Promise.race([closed, sleep(Math.min(drainMs, lastAnswersMs))]);
    // Again and again: a request that was under way when the listener closed leaves an idle connection behind.
    const ending = setInterval(() => server.closeIdleConnections(), 20);
    await closed;
    clearInterval(ending);
  };
}

const reasons = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' } as const;

/** As Node does it where nobody listens, and tells of it. */
function refuse({ code }: NodeJS.ErrnoException, socket: Duplex, onRefused: ServeOptions['onRefused']): void {
  if (code !== 'ECONNRESET' && socket.writable) {
    const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    const { remoteAddress, _httpMessage: answer } = socket as Duplex & { remoteAddress?: string; _httpMessage?: ServerResponse };
    onRefused?.({ status, remote: remoteAddress });
    // An answer that has begun cannot become another one.
    if (answer?.headersSent !== true) socket.write(`HTTP/1.1 ${status} ${reasons[status]}\r\nConnection: close\r\n\r\n`);
  }
  socket.destroy();
}

function listen(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new ConfigurationError([
          `cannot listen on ${host}:${port} (${messageOf(error)}): choose another port or end the program that has it`,
        ]),
      );
    });
    server.listen(port, host, resolve);
  });
}
