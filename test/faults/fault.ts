/** What a fault is: something that is done to the running cluster and, after a while, is over. */
import type { Random } from '../../packages/simulator/src/random.js';
import type { Cluster } from './cluster.js';

export interface FaultKind {
  name: string;
  /** How often it is chosen, compared with the others; 1 is usual. */
  weight?: number;
  /** Shortest and longest time until it is healed, in ms. */
  forMs: readonly [number, number];
  /** Where it can strike; one of them is chosen. Empty: it does not exist in such a cluster. */
  targets: (shape: ClusterShape) => readonly string[];
  /** Gives what heals it. Neither may take long: a process that was killed is started again by the supervisor, not waited for. */
  strike: (cluster: Cluster, target: string, random: Random) => Promise<() => Promise<void>>;
}

/** What can be struck, known before the cluster runs. */
export interface ClusterShape {
  backend: 'redis' | 'postgres';
  ingresses: readonly string[];
  workers: readonly string[];
  /** Each server's files lie on a small file system of their own, which can be filled. */
  smallDisk: boolean;
  /** The clocks of processes can be set. */
  wallClocks: boolean;
  /** Workers look names up at a server of ours. */
  nameServer: boolean;
}

export const processesOf = ({ ingresses, workers }: ClusterShape): string[] => [...ingresses, ...workers];
export const serversOf = ({ backend }: ClusterShape): string[] => (backend === 'redis' ? ['redis', 'postgres'] : ['postgres']);

/** Every link by name, `from>to`. */
export function linksOf(shape: ClusterShape): string[] {
  const { workers } = shape;
  const queue = processesOf(shape).map((name) => `${name}>queue`);
  return ['sender>ingress', ...queue, ...workers.flatMap((name) => [`${name}>database`, `${name}>receiver`])];
}

export const nothingToHeal = (): Promise<void> => Promise.resolve();
