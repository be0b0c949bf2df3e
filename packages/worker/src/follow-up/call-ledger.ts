/** The ledger, as calls read and write it: rows are loaded and results recorded for many calls at once, each with the state of their action. */
import type { Logger } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { disableAction, openGate, readActionGate, toGate, updateBreaker, type ActionGate } from './sql/action-state.js';
import { finishFollowUps } from './sql/finish-follow-ups.js';
import { loadFollowUps, type LoadedFollowUp, type QueuedCall } from './sql/load-follow-ups.js';
import { onConnection } from '../db/on-connection.js';
import { inTransaction } from '../db/transaction.js';
import { GroupCommit } from '../db/group-commit.js';
import type { Action } from './action.js';
import { afterFailure, afterSuccess, isOpen } from './breaker.js';
import type { CallResult } from './call-result.js';
import type { Attempted } from './outcome.js';

/** So many rows of a contact go out in one call, and may go once what they waited for has ended. */
export const nextOf = ({ group }: Pick<Action, 'group'>): number => group?.max ?? 1;

export type CallRow = LoadedFollowUp & Attempted;

/** Calls whose rows are loaded, or results that are recorded, in one transaction. */
const together = { sizeOf: () => 1, maxSize: 256, maxTransactions: 1 };

export class CallLedger {
  readonly #loads: GroupCommit<QueuedCall, CallRow[]>;
  readonly #results: GroupCommit<CallResult, null>;
  /** By call: results that could not be recorded yet. The database may be away for a while; the call is not made again for that. */
  readonly #unrecorded = new Map<string, CallResult>();
  #gate = openGate;

  constructor(
    private readonly action: Pick<Action, 'name' | 'group'>,
    private readonly dataSource: DataSource,
    private readonly log: Logger,
  ) {
    this.#loads = new GroupCommit((calls: readonly QueuedCall[]) => this.#load(calls), together);
    this.#results = new GroupCommit((results: readonly CallResult[]) => this.#record(results), together);
  }

  /** The state of the action when it was last read or written here. */
  get gate(): ActionGate {
    return this.#gate;
  }

  /** None when they were cancelled, or are not the job's any more. */
  load(call: QueuedCall): Promise<CallRow[]> {
    return this.#loads.submit(call);
  }

  /** What came of a call that was made before and could not be recorded. */
  unrecorded({ callId }: QueuedCall): CallResult | undefined {
    return this.#unrecorded.get(callId);
  }

  /** Rejects when the database is away; then the result stays {@link unrecorded}. */
  async record({ callId }: QueuedCall, result: CallResult): Promise<void> {
    this.#unrecorded.set(callId, result);
    await this.#results.submit(result);
    this.#unrecorded.delete(callId);
  }

  async #load(calls: readonly QueuedCall[]): Promise<CallRow[][]> {
    const rows = await onConnection(this.dataSource, (client) => loadFollowUps(client, this.action.name, calls));
    const [first] = rows;
    if (first !== undefined) this.#gate = toGate(first);
    const byCall = new Map<string, CallRow[]>(calls.map(({ callId }) => [callId, []]));
    for (const row of rows) byCall.get(row.call_id)?.push(Object.assign(row, { jobId: row.job_id }));
    return calls.map(({ callId }) => byCall.get(callId) ?? []);
  }

  async #record(results: readonly CallResult[]): Promise<null[]> {
    const rows = results.flatMap((result) => result.rows);
    await inTransaction(this.dataSource, async (client) => {
      await finishFollowUps(client, rows, nextOf(this.action));
      if (!this.#isNothingNew(results)) await this.#recordEndpoint(client, results);
    });
    return results.map(() => null);
  }

  /** A well endpoint of a closed breaker needs no word. */
  #isNothingNew(results: readonly CallResult[]): boolean {
    const { failures, allowed } = this.#gate.breaker;
    const wasWell = failures === 0 && allowed === null;
    return results.every(({ endpoint, gone }) => gone === null && (endpoint === null || (wasWell && endpoint === 'well')));
  }

  async #recordEndpoint(client: ClientBase, results: readonly CallResult[]): Promise<void> {
    const gone = results.find((result) => result.gone !== null)?.gone;
    if (gone !== undefined && gone !== null) {
      await disableAction(client, this.action.name, gone);
      this.log.error(
        { action: this.action.name, err: gone },
        'the endpoint wants no more calls: the action is disabled until "vidhuk actions enable"',
      );
    }
    const news = results.flatMap(({ endpoint }) => endpoint ?? []);
    if (news.length === 0) return;
    const gate = await readActionGate(client, this.action.name, 'lock');
    const { breaker, now } = gate;
    const next = news.reduce(
      (state, endpoint) =>
        endpoint === 'well' ? afterSuccess(state, now) : afterFailure(state, now, endpoint.unavailableForMs, Math.random()),
      breaker,
    );
    await updateBreaker(client, this.action.name, next);
    if (!isOpen(breaker, now) && isOpen(next, now)) {
      this.log.warn(
        { action: this.action.name, forMs: (next.blockedUntil ?? now) - now },
        'the endpoint is unavailable, its calls pause',
      );
    }
    this.#gate = { ...gate, breaker: next };
  }
}
