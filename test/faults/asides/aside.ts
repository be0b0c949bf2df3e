/** Work beside the feed that an operator, or a timer, has begun when trouble comes: a comparison, a rebuild, a retention, an erasure. */
import type { Random } from '../../../packages/simulator/src/random.js';
import type { Cluster } from '../cluster.js';

export interface Aside {
  /** Begins amid the faults, and fails as they will. Gives what kills its process, if it still runs. */
  begin(cluster: Cluster, random: Random): () => void;
  /** Once all is healed: done to its end. Gives what it says against that, for people; nothing where it never began. */
  finish(cluster: Cluster): Promise<string[]>;
  /** Once all of them were done: what is wrong with what they have left, in any seed so far. */
  check?(cluster: Cluster): Promise<string[]>;
  close?(): Promise<void>;
}
