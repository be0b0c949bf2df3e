/** A PostgreSQL that recovers, after a crash or as a standby does. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../cluster.js';
import type { FaultKind } from '../fault.js';
import { until } from '../../support/poll.js';

const targets = () => ['postgres'];

/** Started again as a standby, which answers questions and writes nothing; promoted in the end, as in a failover. */
async function makeStandby(cluster: Cluster): Promise<() => Promise<void>> {
  const store = cluster.store('postgres');
  await store.bringDown('kill');
  try {
    writeFileSync(join(store.server.dataDir, 'standby.signal'), '');
  } finally {
    await store.release();
  }
  return () =>
    cluster.withClient(async (client) => {
      await client.query('select pg_promote() where pg_is_in_recovery()');
    });
}

/**
 * One process that serves Vidhuk dies of SIGKILL. PostgreSQL then ends all the others, reads its log since the last checkpoint, of which there is
 * enough, and answers "the database system is in recovery mode". Whoever reads the log is frozen, so that it lasts.
 */
async function crash(cluster: Cluster): Promise<() => Promise<void>> {
  const victim = await cluster.withClient(async (client) => {
    await client.query(
      `select count(pg_logical_emit_message(false, 'faults', repeat('x', 16000))) from generate_series(1, 4000)`,
    );
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where backend_type = 'client backend' and application_name like 'vidhuk%' limit 1`,
    );
    return rows[0]?.pid;
  });
  if (victim === undefined) throw new Error('nobody is connected');
  const postmaster = statusOf(victim, 'PPid');
  process.kill(victim, 'SIGKILL');
  const reader = await until('PostgreSQL recovers', () => startupOf(postmaster), { timeoutMs: 5_000, everyMs: 2 });
  process.kill(reader, 'SIGSTOP');
  return () => {
    if (startupOf(postmaster) === reader) process.kill(reader, 'SIGCONT'); // else it was killed meanwhile
    return Promise.resolve();
  };
}

const statusOf = (pid: number, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** The process of PostgreSQL's that reads its log; undefined also when the server has ended meanwhile, by another fault. */
function startupOf(postmaster: number): number | undefined {
  const children = read(`/proc/${postmaster}/task/${postmaster}/children`).trim().split(' ').map(Number);
  return children.find((pid) => read(`/proc/${pid}/cmdline`).includes(': startup'));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // no such process
  }
}

export const recoveryFaults: FaultKind[] = [
  { name: 'PostgreSQL in recovery after a crash', forMs: [300, 2_500], targets, strike: crash },
  { name: 'PostgreSQL in recovery as a standby', forMs: [300, 2_500], targets, strike: makeStandby },
];
