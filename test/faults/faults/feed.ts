/** The webhook itself is off: the platform keeps nothing of that time for it. */
import { nothingToHeal, type FaultKind } from '../fault.js';

export const feedFaults: FaultKind[] = [
  {
    name: 'the feed was off for an hour',
    forMs: [0, 0],
    targets: () => ['feed'],
    strike(cluster, _target, random) {
      cluster.offFeed.pass(cluster, random.uint32());
      return Promise.resolve(nothingToHeal);
    },
  },
];
