/** Links that are cut, reset, slow, stopped up, or lose an answer. */
import { linksOf, nothingToHeal, type FaultKind } from '../fault.js';
import type { LinkMode } from '../link.js';

const inMode = (mode: LinkMode): FaultKind['strike'] => {
  return (cluster, target) => {
    const link = cluster.link(target);
    link.mode = mode;
    return Promise.resolve(() => Promise.resolve(void (link.mode = 'open')));
  };
};
const to = (what: string) => (shape: Parameters<typeof linksOf>[0]) => linksOf(shape).filter((name) => name.endsWith(what));

export const linkFaults: FaultKind[] = [
  { name: 'link cut', weight: 1.5, forMs: [200, 2_500], targets: linksOf, strike: inMode('cut') },
  {
    name: 'link reset',
    forMs: [0, 0],
    targets: linksOf,
    strike(cluster, target) {
      cluster.link(target).reset();
      return Promise.resolve(nothingToHeal);
    },
  },
  { name: 'link black-holed', weight: 1.5, forMs: [300, 2_500], targets: linksOf, strike: inMode('hole') },
  {
    name: 'link black-holed, then reset',
    forMs: [300, 2_500],
    targets: linksOf,
    strike(cluster, target) {
      const link = cluster.link(target);
      link.mode = 'hole';
      return Promise.resolve(() => {
        link.reset();
        link.mode = 'open';
        return Promise.resolve();
      });
    },
  },
  { name: 'link slow', forMs: [500, 3_000], targets: linksOf, strike: inMode('slow') },
  {
    name: 'cut between COMMIT and its answer',
    weight: 2,
    forMs: [200, 1_500],
    targets: to('>database'),
    strike: inMode('unanswered'),
  },
  {
    name: 'cut between a command to the queue and its answer',
    forMs: [200, 1_000],
    targets: to('>queue'),
    strike: inMode('unanswered'),
  },
  { name: 'answer of the ingress lost', forMs: [200, 1_000], targets: to('>ingress'), strike: inMode('unanswered') },
];
