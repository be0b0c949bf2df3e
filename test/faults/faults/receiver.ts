/** An endpoint of follow-ups that misbehaves in every way it can. */
import type { FaultKind } from '../fault.js';
import { misbehaviours, type Misbehaviour } from '../endpoint.js';

export const receiverFaults: FaultKind[] = [
  {
    name: 'receiver',
    weight: 3,
    forMs: [300, 2_500],
    targets: () => Object.keys(misbehaviours),
    strike(cluster, target) {
      cluster.endpoint.misbehaviour = target as Misbehaviour;
      return Promise.resolve(async () => {
        cluster.endpoint.misbehaviour = undefined;
        await cluster.enableActions();
      });
    },
  },
];
