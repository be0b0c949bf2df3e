/** What a ledger makes due, against what the endpoint has received and the counting function has counted. */
import { parseBatch } from '../../packages/worker/src/activity/parse-batch.js';
import { readLedger } from '../../packages/simulator/src/ledger.js';
import type { Cluster } from './cluster.js';
import { actionsFor, toldByHttp } from './configuration.js';

/** Whoever was told. */
type Told = Pick<Cluster, 'endpoint' | 'withClient'>;

/** Keys of activities by action. */
export type Due = ReadonlyMap<string, ReadonlySet<string>>;

export interface FollowUpFindings {
  due: number;
  /** `action key` of those that nobody has received whole. */
  lost: string[];
  /** Done under more than one idempotency key, or counted more than once. */
  doubled: string[];
  /** Idempotency keys under which different bytes came. */
  altered: string[];
}

/** Of the activities that the ledger at `path` says were acknowledged. */
export async function dueOf(path: string): Promise<Due> {
  const due = new Map<string, Set<string>>();
  for await (const { source, elements, broken, acknowledged } of readLedger(path)) {
    if (!acknowledged) continue;
    const sound = elements.filter((_text, position) => broken[position] === undefined);
    for (const activity of parseBatch(Buffer.from(`[${sound.join(',')}]`), { source, timeZone: 'UTC' }).activities)
      for (const action of actionsFor(activity)) due.set(action, (due.get(action) ?? new Set()).add(activity.key));
  }
  return due;
}

export async function checkFollowUps(cluster: Told, due: Due): Promise<FollowUpFindings> {
  const findings: FollowUpFindings = { due: 0, lost: [], doubled: [], altered: [] };
  const deliveries = deliveriesByActivity(cluster);
  for (const [action, keys] of due) {
    const counted = toldByHttp.includes(action) ? undefined : await countCalls(cluster, [...keys]);
    for (const key of keys) {
      const name = `${action} ${key}`;
      const found = deliveries.get(name) ?? [];
      const times = counted === undefined ? found.length : (counted.get(key) ?? 0);
      const done = counted === undefined ? found.some(({ answered }) => answered > 0) : times > 0;
      findings.due++;
      if (!done) findings.lost.push(name);
      if (times > 1) findings.doubled.push(name);
      for (const { id, bodies } of found) if (bodies.size > 1) findings.altered.push(`${name} ${id}`);
    }
  }
  return findings;
}

function deliveriesByActivity({ endpoint }: Told) {
  const found = new Map<string, { id: string; answered: number; bodies: ReadonlySet<string> }[]>();
  for (const [id, { action, activities, answered, bodies }] of endpoint.deliveries)
    for (const key of activities) {
      const name = `${action} ${key}`;
      const list = found.get(name);
      if (list === undefined) found.set(name, [{ id, answered, bodies }]);
      else list.push({ id, answered, bodies });
    }
  return found;
}

async function countCalls(cluster: Told, keys: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await cluster.withClient((client) =>
    client.query<{ key: string; times: number }>(
      'select activity_key as key, count(*)::integer as times from public.counted where activity_key = any($1::uuid[]) group by 1',
      [keys],
    ),
  );
  return new Map(rows.map(({ key, times }) => [key, times]));
}
