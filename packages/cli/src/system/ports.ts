/** TCP ports of this machine. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { codeOf } from './plain-error.js';

/**
 * Listens at `host` and `port`, so that nobody else can, and gives the way to let go; undefined where somebody does already. Other trouble than a
 * port in use is thrown.
 */
export async function holdPort(port: number, host: string): Promise<(() => Promise<void>) | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host });
    await once(server, 'listening');
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return undefined;
    throw error;
  }
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

/** Whether a server could listen there now. */
export async function isPortFree(port: number, host: string): Promise<boolean> {
  const letGo = await holdPort(port, host);
  await letGo?.();
  return letGo !== undefined;
}

/** A free port of 127.0.0.1, below the range from which systems give ports to outgoing connections, as a library that asks the system for one would not. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 30_000);
    if (await isPortFree(port, '127.0.0.1')) return port;
  }
}
