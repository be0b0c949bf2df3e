import { expect } from 'chai';
import { rejection } from '../support/poll.js';
import type { Cluster } from './cluster.js';
import { Endpoint } from './endpoint.js';
import { playFaults } from './strike.js';

describe('Faults of which one cannot be played', () => {
  it('are all over and healed before that is told', async () => {
    const endpoint = new Endpoint();
    let healed = 0;
    const cluster: Pick<Cluster, 'endpoint' | 'enableActions'> = {
      endpoint,
      enableActions() {
        healed++;
        return Promise.resolve();
      },
    };
    const played = playFaults(cluster as Cluster, 1, [
      { kind: 'unheard of', target: 'nobody', atMs: 0, forMs: 0 },
      { kind: 'receiver: 500', target: 'receiver', atMs: 0, forMs: 100 },
      { kind: 'receiver: 429', target: 'receiver', atMs: 150, forMs: 50 },
    ]);
    expect((await rejection(played)).message).to.equal('there is no fault "unheard of"');
    expect(healed).to.equal(2);
    expect(endpoint.misbehaviour).to.equal(undefined);
  });
});
