/** TCP ports of this machine. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>} whether a server could listen there now; other trouble than a port in use is thrown
 */
export async function isPortFree(port, host) {
  const server = createServer();
  try {
    server.listen({ port, host });
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** @returns {Promise<number>} a free port of 127.0.0.1, below the range from which systems give ports to outgoing connections */
export async function freePort() {
  for (;;) {
    const port = randomInt(15_000, 30_000);
    if (await isPortFree(port, '127.0.0.1')) return port;
  }
}
