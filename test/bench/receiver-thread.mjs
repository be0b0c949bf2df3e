/** Answers every request with 200 once it has read it, on a thread of its own: what it costs is not the worker's. */
import { createServer } from 'node:http';
import { parentPort } from 'node:worker_threads';

const server = createServer((request, response) => {
  request.resume().on('end', () => response.end('ok'));
});
server.listen(0, '127.0.0.1', () =>
  parentPort?.postMessage(/** @type {import('node:net').AddressInfo} */ (server.address()).port),
);
