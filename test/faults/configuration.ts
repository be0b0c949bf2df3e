/** How the cluster under test is configured: short waits, and an action of every kind that can be checked. */
import type { Activity } from '../../packages/worker/src/activity/activity.js';

export const token = 'faults-token';
/** Of the source that sends hostile bodies: what is in them concerns no action. */
export const strangersToken = 'strangers-token';

/** Of the sources that asides have for themselves. */
export const asideToken = 'asides-token';
/** Its activities are older than what is kept. */
export const pastSource = 'past';
/** Its contacts are erased. */
export const goneSource = 'gone';
export const eraseKey = 'a-key-of-faults-with-32-characters-or-more';

/** A frozen worker loses its jobs after this. */
export const lockMs = 3_000;

/** Of the pool of each worker. */
export const databaseConnections = 6;

/** Short enough to be waited for within a seed; Vidhuk's own limit of 60 s is not. */
export const statementTimeoutMs = 2_000;

/** Statements of connections that begin while somebody holds it get {@link statementTimeoutMs}. */
export const shortStatementsLock = 2_001;

/** Vidhuk names its limits as it connects, and what it names counts more than what a role or a database has: only a trigger on login comes later. */
export const shortStatements = `
  create function public.shorten_statements() returns event_trigger language plpgsql as $$
    begin
      if current_setting('application_name') like 'vidhuk%'
          and exists (select from pg_locks where locktype = 'advisory' and objid = ${shortStatementsLock}) then
        perform set_config('statement_timeout', '${statementTimeoutMs}', false);
      end if;
    end $$;
  create event trigger shorten_statements on login execute function public.shorten_statements()`;

/** Actions by name with the statuses that they are for. */
const due: Record<string, readonly string[]> = {
  tell: ['CLICKED', 'UNSUBSCRIBED'],
  'tell-groups': ['SPAM', 'UNDELIVERED'],
  'count-in-database': ['UNSUBSCRIBED', 'SPAM', 'UNDELIVERED'],
};
export const toldByHttp = ['tell', 'tell-groups'];
export const actionNames = Object.keys(due);

/** Which actions an activity calls for. */
export const actionsFor = ({ status }: Pick<Activity, 'status'>): string[] =>
  actionNames.filter((action) => due[action]?.includes(status));

/** Counted in the transaction that marks the follow-up done: truly exactly once. */
export const countingFunction = `
  create table public.counted (activity_key uuid not null);
  create index on public.counted (activity_key);
  create function public.count_call(body jsonb) returns void language sql
    as $$ insert into public.counted values ((body -> 'activity' ->> 'key')::uuid) $$`;

export function configurationYaml(receiver: string): string {
  const http = `run: http-request, with: { url: "http://${receiver}/hook", allowPrivateNetwork: true }`;
  const retry = 'timeoutMs: 1500, retry: { attempts: 1000, maxDelay: 1s }';
  const when = (action: string) => `when: { source: main, status: [${due[action]?.join(', ')}] }`;
  return `
sources:
  main: { tokens: [${token}] }
  stranger: { tokens: [${strangersToken}] }
  off: { tokens: [${asideToken}] }
  ${pastSource}: { tokens: [${asideToken}] }
  ${goneSource}: { tokens: [${asideToken}] }
queue: { lockMs: ${lockMs} }
ingress: { enqueueTimeoutMs: 1500, maxWaitMs: 500, drainMs: 200 }
worker: { concurrency: 8, databaseConnections: ${databaseConnections}, stuckAfterMs: 5000 }
actions:
  - { name: tell, ${when('tell')}, ${http}, ${retry} }
  - { name: tell-groups, ${when('tell-groups')}, ${http}, ${retry}, group: { max: 20, withinMs: 300 } }
  - { name: count-in-database, ${when('count-in-database')}, run: postgres-function, with: { function: public.count_call }, ${retry} }
`;
}
