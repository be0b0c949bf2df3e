/** An endpoint of follow-ups that misbehaves in every way it can. */
import type { FaultKind } from '../fault.js';
import { misbehaviours, type Misbehaviour } from '../endpoint.js';

const ways = Object.keys(misbehaviours) as Misbehaviour[];

const misbehaving: FaultKind[] = ways.map((way) => ({
  name: `receiver: ${way}`,
  weight: 3 / ways.length,
  forMs: [300, 2_500],
  targets: () => ['receiver'],
  strike(cluster) {
    const { endpoint } = cluster;
    endpoint.misbehaviour = way;
    return Promise.resolve(async () => {
      if (endpoint.misbehaviour === way) endpoint.misbehaviour = undefined; // another way may have begun meanwhile
      await cluster.enableActions();
    });
  },
}));

export const receiverFaults: FaultKind[] = [
  ...misbehaving,
  {
    name: 'a name server that does not answer',
    forMs: [1_000, 5_000],
    targets: ({ nameServer }) => (nameServer ? ['receiver'] : []),
    strike({ nameServer }) {
      if (nameServer !== undefined) nameServer.silent = true;
      return Promise.resolve(() => {
        if (nameServer !== undefined) nameServer.silent = false;
        return Promise.resolve();
      });
    },
  },
];
