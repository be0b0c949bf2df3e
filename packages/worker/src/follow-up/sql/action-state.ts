/** What all workers know of an action. Whoever changes it locks its row first; pure code (`follow-up/breaker.ts`) decides. */
import type { ClientBase } from 'pg';
import { closed, type Breaker } from '../breaker.js';

export interface ActionGate {
  disabled: boolean;
  breaker: Breaker;
  /** ms since 1970 when it was read, by the database's clock: those of the workers may differ. */
  now: number;
}

export const openGate: ActionGate = { disabled: false, breaker: closed, now: 0 };

export interface ActionGateRow {
  disabled: boolean;
  failures: number;
  opened: number;
  blocked_until: Date | null;
  allowed: number | null;
  read_at: Date;
}

/** Of `action_state s`. */
export const gateColumns =
  's.disabled_at is not null as disabled, coalesce(s.failures, 0) as failures, coalesce(s.opened, 0) as opened, s.blocked_until, s.allowed, clock_timestamp() as read_at';

export const toGate = ({ disabled, failures, opened, blocked_until, allowed, read_at }: ActionGateRow): ActionGate => ({
  disabled,
  breaker: { failures, opened, blockedUntil: blocked_until?.getTime() ?? null, allowed },
  now: read_at.getTime(),
});

const read = `select ${gateColumns} from vidhuk.action_state s where s.action = $1`;

export async function readActionGate(client: ClientBase, action: string, lock: 'lock' | 'look'): Promise<ActionGate> {
  const text = lock === 'lock' ? `${read} for update` : read;
  const { rows } = await client.query<ActionGateRow>({ name: `${lock}-action-gate`, text, values: [action] });
  const [row] = rows;
  return row === undefined ? openGate : toGate(row);
}

/** Makes the action's row, so that it can be locked. */
export async function ensureActionState(client: ClientBase, action: string): Promise<void> {
  await client.query('insert into vidhuk.action_state (action) values ($1) on conflict (action) do nothing', [action]);
}

const writeBreaker = `
  update vidhuk.action_state set failures = $2, opened = $3, blocked_until = $4, allowed = $5, updated_at = now() where action = $1`;

export async function updateBreaker(client: ClientBase, action: string, breaker: Breaker): Promise<void> {
  const blockedUntil = breaker.blockedUntil === null ? null : new Date(breaker.blockedUntil);
  await client.query({
    name: 'update-breaker',
    text: writeBreaker,
    values: [action, breaker.failures, breaker.opened, blockedUntil, breaker.allowed],
  });
}

/** Nothing is called any more until {@link enableAction}; rows are planned and kept. */
export async function disableAction(client: ClientBase, action: string, reason: string): Promise<void> {
  await client.query(
    `insert into vidhuk.action_state as s (action, disabled_at, disabled_reason) values ($1, now(), $2)
     on conflict (action) do update set disabled_at = coalesce(s.disabled_at, now()), disabled_reason = coalesce(s.disabled_reason, $2), updated_at = now()`,
    [action, reason],
  );
}

/** Enables the action and forgets what its breaker knew. */
export async function enableAction(client: ClientBase, action: string): Promise<void> {
  await client.query(
    `update vidhuk.action_state set disabled_at = null, disabled_reason = null, failures = 0, opened = 0, blocked_until = null, allowed = null,
       updated_at = now() where action = $1`,
    [action],
  );
}
