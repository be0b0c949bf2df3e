/** Listening, with limits for slow clients. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from './environment.js';
import { ConfigurationError, messageOf } from './errors.js';
import type { Logger } from './logger.js';

/** Answers a request; it never rejects, as Koa's does not. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** How long a connection is kept for a last request, so that it ends with an answer. */
const lastAnswersMs = 1_000;

export interface ServeOptions {
  /** How long a stopping server goes on as if nothing were, so that whoever routes to it notices that it is not ready any more. */
  drainMs?: number;
  /** Headers must be there by then. Default 10 s. */
  headersTimeoutMs?: number;
  /** The whole request must be there by then. Default 30 s. */
  requestTimeoutMs?: number;
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
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: Math.min(1_000, options.requestTimeoutMs ?? 1_000),
      maxHeaderSize: 16_384,
    },
    onRequest,
  );
  // By itself Node answers 417 to an expectation that it does not know, and any answer but 200 would stall the feed (RFC 9110, 10.1.1: MAY).
  server.on('checkExpectation', onRequest);
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
