/** Listening, with limits for slow clients. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Address } from './environment.js';
import { ConfigurationError, messageOf } from './errors.js';
import type { Logger } from './logger.js';

/** Answers a request; it never rejects, as Koa's does not. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface ServeOptions {
  /** How long a stopping server goes on answering, closing every connection after its answer, so that whoever routes to it notices. */
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
  let draining = false;
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: Math.min(1_000, options.requestTimeoutMs ?? 1_000),
      maxHeaderSize: 16_384,
    },
    (request, response) => {
      if (draining) response.setHeader('Connection', 'close');
      void listener(request, response);
    },
  );
  server.maxConnections = 10_000;
  await listen(server, address);
  log.info({ host: address.host, port: (server.address() as AddressInfo).port }, 'listening');
  return async () => {
    draining = true;
    await new Promise((resolve) => setTimeout(resolve, options.drainMs ?? 0));
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeIdleConnections();
    });
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
