/** An endpoint of follow-ups that misbehaves in every way it can. */
import type { FaultKind } from '../fault.js';
import { misbehaviours, type Misbehaviour } from '../endpoint.js';

const ways = Object.keys(misbehaviours) as Misbehaviour[];

export const receiverFaults: FaultKind[] = ways.map((way) => ({
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
