/** The two stores that a queue may live in, from the servers that a test run shares, empty. Suites run once for each. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createDatabase } from './services/database.js';
import { redisUrl } from './services/redis.js';

export const storeKinds = ['redis', 'postgres'] as const;
export type StoreKind = (typeof storeKinds)[number];

export interface Stores {
  kind: StoreKind;
  databaseUrl: string;
  queueUrl: string;
  drop: () => Promise<void>;
}

/** A migrated database, and a queue's store of the given kind. Redis is emptied: a process runs one file after the other, and has its own. */
export async function openStores(kind: StoreKind): Promise<Stores> {
  const database = await createDatabase();
  if (kind === 'postgres') return { kind, databaseUrl: database.url, queueUrl: database.url, drop: database.drop };
  const queueUrl = await redisUrl();
  await sendRedis(queueUrl, 'FLUSHALL');
  return { kind, databaseUrl: database.url, queueUrl, drop: database.drop };
}

/** One command, as on a terminal; gives the raw answer. */
export async function sendRedis(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(5_000) })) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
