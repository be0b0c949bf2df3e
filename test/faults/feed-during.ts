/** The feed of a seed, with a stranger beside it, while something is done to the cluster. */
import type { SendOutcome } from '../../packages/simulator/src/sender.js';
import { runSimulation } from '../../packages/simulator/src/simulation.js';
import type { SendSummary } from '../../packages/simulator/src/statistics.js';
import type { Cluster } from './cluster.js';
import { beHostile, type HostileRequests } from './stranger.js';

export interface FeedOptions {
  seed: number;
  /** Of the ledger. */
  path: string;
  /** So long the feed may go on after `trouble`. */
  patienceMs: number;
}

export interface Fed<T> {
  /** What `trouble` gave. */
  trouble: T;
  outcome: SendOutcome;
  summary: SendSummary;
  /** `performance.now()` of every batch that was answered with 200. */
  acknowledgedAtMs: number[];
  hostile: HostileRequests;
}

/** Resolves when `trouble` and the feed are over, rejects when one of them fails; neither feed nor stranger goes on after that. */
export async function feedDuring<T>(
  cluster: Pick<Cluster, 'webhook' | 'shape' | 'process'>,
  { seed, path, patienceMs }: FeedOptions,
  trouble: () => Promise<T>,
): Promise<Fed<T>> {
  const acknowledgedAtMs: number[] = [];
  const over = new AbortController();
  const feed = runSimulation({
    // One month: the log's partitions are part of what every worker has to agree on.
    generate: { seed, activities: 2_000, contacts: 300, batchSize: 40, broken: 0.03 },
    sender: {
      url: cluster.webhook,
      check: false,
      ...{ rate: 450, timeScale: 600, timeoutMs: 2_500, lostAnswers: 0.05, seed, signal: over.signal },
      onAcknowledged: () => void acknowledgedAtMs.push(performance.now()),
    },
    ledger: { path, source: 'main' },
  });
  const stranger = beHostile(cluster, seed, over.signal);
  const ended = Promise.allSettled([feed, stranger]);
  let timer: NodeJS.Timeout | undefined;
  try {
    const result = await trouble();
    timer = setTimeout(() => over.abort(), patienceMs);
    const { outcome, summary } = await feed;
    over.abort();
    return { trouble: result, outcome, summary, acknowledgedAtMs, hostile: await stranger };
  } finally {
    clearTimeout(timer);
    over.abort();
    await ended; // the feed would repeat for ever, and keep the process from ending
  }
}
