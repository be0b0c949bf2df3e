/** A server that ends connections as soon as they are made, as one that is being shut down may: both messages in one packet. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { openQueueStore } from '../../../packages/shared/src/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { silentLog } from '../../support/log-lines.js';
import { rejection } from '../../support/poll.js';

const message = (type: string, body: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};
const welcome = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]);
const farewell = message('E', Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'));

describe('A connection that the server ends in the moment in which it is made', () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([welcome, farewell])));
  });
  let url: string;

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `postgres://postgres@127.0.0.1:${(server.address() as AddressInfo).port}/postgres`;
  });
  after(() => server.close());

  // An error event that nobody listens to would end the process; mocha makes it a failure.
  it('is a failed attempt to connect to the database, and no more', async () => {
    await rejection(createDataSource(url, { name: 'test', poolSize: 1, log: silentLog() }).initialize());
  });

  it('is a failed attempt to open the queue, and no more', async () => {
    await rejection(openQueueStore(url, () => undefined));
  });
});
