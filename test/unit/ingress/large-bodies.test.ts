import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createBodyReceiver, largestShared } from '../../../packages/ingress/src/receive-body.js';
import { ByteBudget } from '../../../packages/shared/src/index.js';
import { silentLog } from '../../support/log-lines.js';

const mebibyte = 2 ** 20;

/** A JSON array of so many bytes, of which no two elements are alike. */
function bodyOf(bytes: number): Buffer {
  const elements: string[] = [];
  for (let size = 0, nth = 0; size < bytes; nth++) {
    const iid = (nth * 2_654_435_761).toString(16);
    const element = `{"activityDateTime":"2026-03-05T10:00:00","activityStatus":"READ","contactId":${nth},"mediaType":"email","iid":"${iid}"}`;
    elements.push(element);
    size += element.length + 1;
  }
  return Buffer.from(`[${elements.join(',')}]`);
}

/** As the server hands it over, all of it there. */
function requestOf(body: Buffer, encoding: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.headers = { 'content-encoding': encoding };
  request.push(body);
  request.push(null);
  return request;
}

describe('large bodies in work', function () {
  this.timeout(60_000);
  const large = gzipSync(bodyOf(12 * mebibyte), { level: 1 });
  const small = gzipSync(bodyOf(200_000));
  const receiver = (room = { fill: 0, hasRoomFor: (_bytes: number): boolean => true }) =>
    createBodyReceiver({
      room,
      budget: new ByteBudget(256 * mebibyte, largestShared),
      limits: { maxBodyBytes: 64 * mebibyte, maxWaitMs: 30_000, idleTimeoutMs: 30_000 },
      log: silentLog(),
      what: 'batch',
    });

  /** The order in which they were ready to be stored: eight large ones begin, and then a small one and a look at a file. */
  async function play(): Promise<string[]> {
    const bodies = receiver();
    const order: string[] = [];
    const begin = async (what: string, body: Buffer) => {
      const answer = await bodies.receive(requestOf(body, 'gzip'), {}, () => Promise.resolve(order.push(what)));
      expect(answer).to.have.property('stored');
    };
    const largeOnes = Array.from({ length: 8 }, () => begin('large', large));
    await new Promise((resolve) => setTimeout(resolve, 20)); // all of them have threads, or wait for one
    await Promise.all([begin('small', small), stat('.').then(() => order.push('file'))]);
    await Promise.all(largeOnes);
    return order;
  }

  it('leave threads for small ones and for files', async () => {
    const order = await play();
    expect(order.indexOf('file'), 'a look at a file').to.be.below(2);
    expect(order.indexOf('small'), 'a small body').to.be.below(3);
  });

  describe('are refused before a byte of them is read where the queue will hardly have room for them', () => {
    const stored = () => Promise.resolve(true);
    const announcing = (length: number, body: Buffer = Buffer.alloc(0)) => {
      const request = requestOf(body, 'identity');
      request.headers['content-length'] = String(length);
      return request;
    };
    /** Of a store that is half full: `asked` gets what room is asked for. */
    const halfFull = (asked: number[], hasRoom = false) => ({
      fill: 0.5,
      hasRoomFor: (bytes: number) => {
        asked.push(bytes);
        return hasRoom;
      },
    });

    it('as they are usually packed; small ones are not asked, and too large ones have their own answer', async () => {
      const asked: number[] = [];
      const bodies = receiver(halfFull(asked));
      const large = announcing(40 * mebibyte);
      expect(await bodies.receive(large, {}, stored)).to.have.nested.property('refusal.status', 503);
      expect(large.readableDidRead).to.equal(false);
      expect(asked[0]).to.be.within(10 * mebibyte, 20 * mebibyte);
      const body = Buffer.from('[]');
      expect(await bodies.receive(announcing(body.length, body), {}, stored)).to.deep.equal({ stored: true });
      expect(await bodies.receive(announcing(65 * mebibyte), {}, stored)).to.have.nested.property('refusal.status', 413);
      expect(asked).to.have.length(1);
    });

    it('but never by a store that is nearly empty', async () => {
      const body = bodyOf(9 * mebibyte);
      const bodies = receiver({ fill: 0.2, hasRoomFor: () => false });
      expect(await bodies.receive(announcing(body.length, body), {}, stored)).to.deep.equal({ stored: true });
    });

    it('as the latest was packed, which is believed less with each refusal', async () => {
      const asked: number[] = [];
      const room = halfFull(asked, true);
      const bodies = receiver(room);
      const bytes = 9 * mebibyte;
      await bodies.receive(announcing(bytes, randomBytes(bytes)), {}, stored);
      room.hasRoomFor = (needed) => {
        asked.push(needed);
        return false;
      };
      for (let nth = 0; nth < 4; nth++) await bodies.receive(announcing(bytes), {}, stored);
      const [usual = 0, ...later] = asked;
      expect(later.map((needed) => Math.round((needed / usual) * 10) / 10)).to.deep.equal([5.3, 2.7, 1.3, 1]);
    });
  });
});
