/** A Redis that has copied another one acknowledges writes before it has a file: a crash would lose them, whatever "appendfsync" says. */
import { expect } from 'chai';
import { openQueueStore, type JobQueue, type QueueStore } from '../../../packages/shared/src/index.js';
import { ownRedis, type OwnServer } from '../../support/own-server.js';
import { rejection, until } from '../../support/poll.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { sendRedis } from '../../support/stores.js';

/** Writing its file takes it 2 s with 2,000 keys. */
const slowly = { 'rdb-key-save-delay': '1000' };
const fill = (server: OwnServer): Promise<string> =>
  sendRedis(server.url, `EVAL "for n = 1, 2000 do redis.call('set', 'key' .. n, n) end return redis.status_reply('OK')" 0`);
const says = async (server: OwnServer, section: string, line: RegExp): Promise<boolean> =>
  line.test(await sendRedis(server.url, `INFO ${section}`));
const isWriting = (server: OwnServer): Promise<boolean> => says(server, 'persistence', /^aof_rewrite_in_progress:1/m);

describe('A queue on Redis', function () {
  this.timeout(60_000);
  before(needsRedisServer);
  let server: OwnServer;
  let store: QueueStore;
  let queue: JobQueue<{ body: string }>;
  const open = async () => {
    store = await openQueueStore(server.url, () => undefined);
    queue = await store.openQueue('kept');
  };
  const add = (jobId: string, body = '{}') => queue.add('batch', { body }, { jobId });
  const isThere = (jobId: string) => queue.getJob(jobId).then((job) => job !== undefined);
  afterEach(async () => {
    await queue.close();
    await store.close();
    await server.kill();
  });

  it('that has just copied another one has added nothing until it has a file, and then keeps it through a crash', async () => {
    const old = await ownRedis();
    await fill(old);
    server = await ownRedis(slowly);
    await sendRedis(server.url, `REPLICAOF 127.0.0.1 ${new URL(old.url).port}`);
    await until('it has copied all', () => says(server, 'replication', /^master_link_status:up/m), { everyMs: 10 });
    await sendRedis(server.url, 'REPLICAOF NO ONE');
    await old.kill();
    await open();
    expect((await rejection(add('too-early'))).message).to.match(/whole file/);
    expect((await rejection(store.checkWritable())).message).to.match(/whole file/);
    expect((await rejection(add('large', 'x'.repeat(1_100_000)))).message).to.match(/whole file/);
    expect(await isWriting(server)).to.equal(true);

    await until('it adds', () => add('in-time').then(() => true, () => false), { everyMs: 20 }); // prettier-ignore
    await server.kill();
    await server.start();
    await until('the queue answers', () => isThere('in-time').then(() => true, () => false)); // prettier-ignore
    expect(await isThere('in-time')).to.equal(true);
  });

  it('that writes its file anew, as it does from time to time, adds all the same', async () => {
    server = await ownRedis(slowly);
    await fill(server);
    await open();
    await add('before');
    await sendRedis(server.url, 'BGREWRITEAOF');
    await add('meanwhile');
    await store.checkWritable();
    expect(await isWriting(server)).to.equal(true);
  });

  it('is asked again by each new connection: that one may lead to another server', async () => {
    server = await ownRedis(slowly);
    await fill(server);
    await open();
    await add('before');
    // In this order: a client does not see that its connection was closed while a child that was forked before has it, too.
    await sendRedis(server.url, 'CLIENT KILL TYPE normal SKIPME yes');
    await sendRedis(server.url, 'BGREWRITEAOF');
    const refusals: string[] = [];
    await until('it says that it may keep nothing', async () => {
      refusals.push((await rejection(add('after'))).message);
      return refusals.some((message) => message.includes('whole file'));
    });
    expect(await isWriting(server)).to.equal(true);
    await until('it adds again', () => add('after').then(() => true, () => false)); // prettier-ignore
  });
});
