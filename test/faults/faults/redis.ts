/** A Redis that is there and takes no writes. */
import { sendRedis } from '../../support/stores.js';
import type { Cluster } from '../cluster.js';
import type { ClusterShape, FaultKind } from '../fault.js';

const targets = ({ backend }: ClusterShape) => (backend === 'redis' ? ['redis'] : []);

async function tell({ queueUrl }: Cluster, command: string): Promise<void> {
  const answer = await sendRedis(queueUrl, command);
  if (!answer.startsWith('+OK')) throw new Error(`${command}: ${answer}`);
}

/** Restarted meanwhile, it has its own settings again: then there is nothing to undo, and to say it again does no harm. */
const between = (bad: string, good: string): FaultKind['strike'] => {
  return async (cluster) => {
    await tell(cluster, bad);
    return () => tell(cluster, good);
  };
};

export const redisFaults: FaultKind[] = [
  {
    name: 'Redis at maxmemory',
    forMs: [300, 2_500],
    targets,
    strike: between('CONFIG SET maxmemory 1mb', 'CONFIG SET maxmemory 0'),
  },
  {
    name: 'Redis turned read-only',
    forMs: [300, 2_500],
    targets,
    strike: between('REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'), // a master that is not there: it keeps its data, and refuses writes
  },
];
