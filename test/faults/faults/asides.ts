/** What else is under way when trouble comes, and is cut off by it: begun as a fault, killed in the end, and done again once all is healed. */
import type { FaultKind } from '../fault.js';
import type { AsideName } from '../asides/index.js';

const underWay = (name: string, aside: AsideName): FaultKind => ({
  name,
  weight: 2,
  forMs: [200, 4_000],
  targets: () => [aside],
  strike(cluster, _target, random) {
    const kill = cluster.asides[aside].begin(cluster, random);
    return Promise.resolve(() => {
      kill();
      return Promise.resolve();
    });
  },
});

export const asideFaults: FaultKind[] = [
  // The platform keeps nothing of that time for its webhook.
  underWay('the feed was off for an hour', 'offFeed'),
  underWay('a rebuild is under way', 'rebuild'),
  underWay('retention is under way', 'retention'),
  underWay('a person is being erased', 'erasure'),
];
