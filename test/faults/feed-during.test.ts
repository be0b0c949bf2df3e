import { expect } from 'chai';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLedger } from '../../packages/simulator/src/ledger.js';
import { rejection, until } from '../support/poll.js';
import { startReceiver } from '../support/receiver.js';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';
import { feedDuring } from './feed-during.js';
import { Supervised } from './supervised.js';

describe('The feed of a seed that cannot be played', () => {
  it('is over when the seed is, and so is the stranger: nothing keeps the run from ending', async () => {
    const receiver = await startReceiver();
    receiver.reply(...Array.from({ length: 100 }, () => 503));
    const { port } = receiver;
    const ingress = new Supervised({ name: 'ingress-1', program: 'ingress', port, logFile: '', variables: {} });
    const shape = {
      backend: 'redis',
      ingresses: ['ingress-1'],
      workers: [],
      smallDisk: false,
      wallClocks: false,
      nameServer: false,
    } as const;
    const cluster = { webhook: receiver.url, shape, process: () => ingress };
    const path = join(await makeTemporaryDirectory(), 'ledger');
    const fed = feedDuring(cluster, { seed: 1, path, patienceMs: 60_000 }, async () => {
      await until('the feed repeats', () => receiver.calls.filter((call) => call.path === '/').length > 1);
      await until('the stranger has called', () => receiver.connections() > 1);
      throw new Error('it cannot be healed');
    });
    expect((await rejection(fed)).message).to.equal('it cannot be healed');
    const acknowledged: boolean[] = [];
    for await (const entry of readLedger(path)) acknowledged.push(entry.acknowledged);
    expect(acknowledged).to.deep.equal([false]); // written when it gives up
    const connections = receiver.connections();
    await sleep(300);
    expect(receiver.connections()).to.equal(connections);
    await receiver.close();
  });
});
