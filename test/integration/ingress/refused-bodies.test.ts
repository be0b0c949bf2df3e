import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { discardRest } from '../../../packages/ingress/src/read-body.js';

describe('A body that is refused while it comes', () => {
  let server: Server;
  let took = 0;
  let whole = false;
  before(async () => {
    server = createServer((request, response) => {
      // As whoever reads a body up to its limit: by pieces, and gone when there is too much.
      const leave = () => {
        request.read(1_024);
        const since = performance.now();
        void discardRest(request, 5_000).then(() => {
          took = performance.now() - since;
          whole = request.complete;
          response.writeHead(413, { connection: 'close' }).end('too large');
        });
      };
      let left = false;
      request.on('readable', () => {
        if (!left) leave();
        left = true;
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  it('is read to its end and dropped, so that the sender, who still writes, sees the answer', async () => {
    const { port } = server.address() as AddressInfo;
    const call = httpRequest({ port, host: '127.0.0.1', method: 'POST' });
    call.end(Buffer.alloc(8 * 2 ** 20, 'x'));
    const [answer] = (await once(call, 'response')) as [{ statusCode: number; resume: () => void }];
    answer.resume();
    expect(answer.statusCode).to.equal(413);
    expect([whole, took < 4_000]).to.deep.equal([true, true]);
  });
});
