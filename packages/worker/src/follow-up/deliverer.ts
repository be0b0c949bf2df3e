/** Where an action is called: loads the rows of a job, runs the handler, records what became of each row. */
import { setMaxListeners } from 'node:events';
import { GoneError, UnavailableError, type Logger } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { disableAction, openGate, readActionGate, toGate, updateBreaker } from '../db/sql/action-state.js';
import { reclaimRenewed } from '../db/sql/claim-follow-ups.js';
import { finishFollowUps, type RowResult } from '../db/sql/finish-follow-ups.js';
import { loadFollowUps, type LoadedFollowUp, type QueuedCall } from '../db/sql/load-follow-ups.js';
import { onConnection } from '../db/on-connection.js';
import { inTransaction } from '../db/transaction.js';
import { GroupCommit } from '../group-commit.js';
import type { Database, HandlerActivity, HandlerContext } from '../handlers/handler.js';
import type { HttpClient } from '../handlers/http-client.js';
import type { Action } from './action.js';
import { afterFailure, afterSuccess, isOpen } from './breaker.js';
import { CallLimit } from './call-limit.js';
import { CallSlots } from './call-slots.js';
import type { FollowUpJob } from './feeder.js';
import type { FollowUpMetrics } from './follow-up-metrics.js';
import { done, failed, handedBack, recordedMessage, type Attempted } from './outcome.js';
import { callInTransaction } from './transactional-call.js';

export interface DelivererParts {
  action: Action;
  dataSource: DataSource;
  /** For handlers that hold a connection. */
  connections: CallSlots;
  http: HttpClient;
  metrics: FollowUpMetrics;
  log: Logger;
  /** Aborts when no call may begin any more. */
  stopping: AbortSignal;
  /** Aborts when the process can wait no longer for calls that are under way. */
  signal: AbortSignal;
  /** A call came to its end. */
  onFinished: () => void;
}

/** What one call did to its rows and says of its endpoint. */
export interface CallResult {
  rows: RowResult[];
  /** null: says nothing about the endpoint. */
  endpoint: 'well' | { unavailableForMs: number } | null;
  /** The endpoint wants no more calls, ever. */
  gone: string | null;
  /** The call as a whole came to nothing. */
  failed: boolean;
}

type CallRow = LoadedFollowUp & Attempted;

/** Calls whose rows are loaded, or results that are recorded, in one transaction. */
const together = { sizeOf: () => 1, maxSize: 256, maxTransactions: 1 };

export class Deliverer {
  readonly #loads: GroupCommit<QueuedCall, CallRow[]>;
  readonly #results: GroupCommit<CallResult, null>;
  readonly #slots: CallSlots;
  /** By call: results that could not be recorded yet. The database may be away for a while; the call is not made again for that. */
  readonly #unrecorded = new Map<string, CallResult>();
  readonly #log: Logger;
  #gate = openGate;

  constructor(private readonly parts: DelivererParts) {
    this.#loads = new GroupCommit((calls: readonly QueuedCall[]) => this.#load(calls), together);
    this.#results = new GroupCommit((results: readonly CallResult[]) => this.#record(results), together);
    this.#slots = new CallSlots(parts.action.concurrency);
    this.#log = parts.log.child({ action: parts.action.name });
    setMaxListeners(0, parts.signal); // one for each call under way
  }

  /** Makes the calls that the job carries; rejects for infrastructure failures only, and then may be called again. */
  async deliver(job: FollowUpJob): Promise<void> {
    const outcomes = await Promise.allSettled(job.calls.map((callId) => this.#deliverCall(job, { jobId: job.id, callId })));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async #deliverCall(job: FollowUpJob, call: QueuedCall): Promise<void> {
    const kept = this.#unrecorded.get(call.callId);
    await this.#keep(call, kept ?? (await this.#slots.use(() => this.#attemptAndTell(job, call))));
    this.parts.onFinished();
  }

  /** What may concern other calls is recorded before the next one begins: that the endpoint is unavailable, or gone. The rest is left to do. */
  async #attemptAndTell(job: FollowUpJob, call: QueuedCall): Promise<CallResult | null> {
    const result = await this.#attempt(job, call);
    if (result?.endpoint === 'well' && result.gone === null) return result;
    await this.#keep(call, result);
    return null;
  }

  async #keep({ callId }: QueuedCall, result: CallResult | null): Promise<void> {
    if (result === null) return;
    this.#unrecorded.set(callId, result);
    await this.#results.submit(result);
    this.#unrecorded.delete(callId);
  }

  /** null: there is nothing to do, or to record. The rows are loaded when the call may begin: they may have been cancelled by then. */
  async #attempt(job: FollowUpJob, call: QueuedCall): Promise<CallResult | null> {
    const rows = await this.#loads.submit(call);
    const { action, dataSource, connections, stopping } = this.parts;
    if (rows.length === 0) {
      // Cancelled, or done by an earlier run of this job. The others of a call of which one was cancelled have another key since then.
      await onConnection(dataSource, (client) => reclaimRenewed(client, action.name, job));
      return null;
    }
    const isGroupOfOldSettings = action.group === null && rows.length > 1;
    if (isGroupOfOldSettings || this.#isPaused(rows)) return handBack(rows);
    if (!action.handler.transaction) return this.#call(rows, this.#anyConnection);
    const result = await connections.use(async () =>
      stopping.aborted
        ? handBack(rows)
        : callInTransaction(
            dataSource,
            action.timeoutMs,
            (db) => this.#call(rows, db),
            (error) => this.#failedCall(rows, error),
          ),
    );
    return result === 'other rows' ? this.#attempt(job, call) : result;
  }

  /** Jobs may be in the queue for longer than what allowed them: they were enqueued before the action was disabled, or its breaker opened. */
  #isPaused(rows: readonly CallRow[]): boolean {
    const { action, stopping } = this.parts;
    const { disabled, breaker, now } = this.#gate;
    if (!action.enabled || action.dryRun || disabled || stopping.aborted || isOpen(breaker, now)) return true;
    const { allowed, blockedUntil } = breaker;
    return allowed !== null && blockedUntil !== null && rows.some((row) => row.claimed_at.getTime() < blockedUntil);
  }

  readonly #anyConnection: Database = {
    query: <Row>(sql: string, values: readonly unknown[] = []) =>
      this.parts.connections.use(() => this.parts.dataSource.query<Row[]>(sql, [...values])),
  };

  async #call(rows: CallRow[], db: Database): Promise<CallResult> {
    const { action, http, log, metrics, signal: stop } = this.parts;
    const [first] = rows;
    const activities = rows.map(toHandlerActivity);
    const failures = new Map<HandlerActivity, Error>();
    const attempt = Math.max(...rows.map(({ attempts }) => attempts)) + 1;
    const limit = new CallLimit(action.timeoutMs, stop);
    const ctx: HandlerContext = {
      action: action.name,
      contact: first?.contact ?? null,
      previous: first?.previous ?? null,
      idempotencyKey: first?.call_id ?? '',
      attempt,
      signal: limit.signal,
      log: this.#log,
      http,
      db,
      fail: (activity, error) => failures.set(activity, error),
    };
    const started = performance.now();
    let thrown: { error: unknown } | undefined;
    try {
      await limit.wait(runHandler(action, activities, ctx));
    } catch (error) {
      const tooLate = () => new UnavailableError(`no answer within ${action.timeoutMs} ms`, 0, { cause: error });
      thrown = { error: limit.timedOut ? tooLate() : error };
    }
    const ms = Math.round(performance.now() - started);
    const isHandedBack = thrown !== undefined && stop.aborted && !limit.timedOut;
    const outcome = isHandedBack ? 'handed back' : thrown ? 'failed' : failures.size > 0 ? 'partly failed' : 'done';
    metrics.called(action.name, outcome, ms);
    const line = { action: action.name, callId: ctx.idempotencyKey, activities: rows.length, attempt, ms, outcome };
    if (outcome === 'done') log.info(line, 'follow-up done');
    else log.warn({ ...line, err: recordedMessage(thrown ? thrown.error : [...failures.values()][0]) }, 'follow-up not done');

    if (isHandedBack) return handBack(rows);
    if (thrown) return this.#failedCall(rows, thrown.error);
    const results = rows.map((row, index) => {
      const activity = activities[index];
      const failure = activity === undefined ? undefined : failures.get(activity);
      return failure === undefined ? done(row) : failed(row, failure, action.retry, true);
    });
    const endpoint = endpointOf(rows.length, [...failures.values()]);
    return { rows: results, endpoint, gone: goneMessage(failures.values()), failed: false };
  }

  #failedCall(rows: readonly CallRow[], error: unknown): CallResult {
    const results = rows.map((row) => failed(row, error, this.parts.action.retry));
    // What goes out under one key never changes: where some rows have no attempt left, the others need another call.
    const shrinks = results.some(({ state }) => state === 'failed');
    return {
      rows: shrinks ? results.map((result) => ({ ...result, leavesGroup: true })) : results,
      endpoint: error instanceof UnavailableError ? { unavailableForMs: error.retryAfterMs } : null,
      gone: goneMessage([error]),
      failed: true,
    };
  }

  async #load(calls: readonly QueuedCall[]): Promise<CallRow[][]> {
    const { action, dataSource } = this.parts;
    const rows = await onConnection(dataSource, (client) => loadFollowUps(client, action.name, calls));
    const [first] = rows;
    if (first !== undefined) this.#gate = toGate(first);
    const byCall = new Map<string, CallRow[]>(calls.map(({ callId }) => [callId, []]));
    for (const row of rows) byCall.get(row.call_id)?.push(Object.assign(row, { jobId: row.job_id }));
    return calls.map(({ callId }) => byCall.get(callId) ?? []);
  }

  async #record(results: readonly CallResult[]): Promise<null[]> {
    const { dataSource } = this.parts;
    const rows = results.flatMap((result) => result.rows);
    if (this.#isNothingNew(results)) await onConnection(dataSource, (client) => finishFollowUps(client, rows));
    else {
      await inTransaction(dataSource, async (client) => {
        await finishFollowUps(client, rows);
        await this.#recordEndpoint(client, results);
      });
    }
    return results.map(() => null);
  }

  /** A well endpoint of a closed breaker needs no word. */
  #isNothingNew(results: readonly CallResult[]): boolean {
    const { failures, allowed } = this.#gate.breaker;
    const wasWell = failures === 0 && allowed === null;
    return results.every(({ endpoint, gone }) => gone === null && (endpoint === null || (wasWell && endpoint === 'well')));
  }

  async #recordEndpoint(client: ClientBase, results: readonly CallResult[]): Promise<void> {
    const { name } = this.parts.action;
    const gone = results.find((result) => result.gone !== null)?.gone;
    if (gone !== undefined && gone !== null) {
      await disableAction(client, name, gone);
      this.parts.log.error(
        { action: name, err: gone },
        'the endpoint wants no more calls: the action is disabled until "vidhuk actions enable"',
      );
    }
    const news = results.flatMap(({ endpoint }) => endpoint ?? []);
    if (news.length === 0) return;
    const gate = await readActionGate(client, name, 'lock');
    const { breaker, now } = gate;
    const next = news.reduce(
      (state, endpoint) =>
        endpoint === 'well' ? afterSuccess(state, now) : afterFailure(state, now, endpoint.unavailableForMs, Math.random()),
      breaker,
    );
    await updateBreaker(client, name, next);
    if (!isOpen(breaker, now) && isOpen(next, now)) {
      this.parts.log.warn(
        { action: name, forMs: (next.blockedUntil ?? now) - now },
        'the endpoint is unavailable, its calls pause',
      );
    }
    this.#gate = { ...gate, breaker: next };
  }
}

/** A handler that throws before it gives a promise has failed all the same. */
const runHandler = async (action: Action, activities: readonly HandlerActivity[], ctx: HandlerContext): Promise<void> =>
  action.run(activities, ctx);

const handBack = (rows: readonly CallRow[]): CallResult => ({
  rows: rows.map(handedBack),
  endpoint: null,
  gone: null,
  failed: true,
});

/**
 * Of a call that answered for `activities` and reported some as failed. A few that found the endpoint unavailable among many that are done say
 * nothing against it, unless it asked for time.
 */
function endpointOf(activities: number, failures: readonly Error[]): CallResult['endpoint'] {
  const unavailable = failures.filter((failure) => failure instanceof UnavailableError);
  const unavailableForMs = Math.max(0, ...unavailable.map(({ retryAfterMs }) => retryAfterMs));
  return unavailable.length > activities / 2 || unavailableForMs > 0 ? { unavailableForMs } : 'well';
}

function goneMessage(errors: Iterable<unknown>): string | null {
  for (const error of errors) if (error instanceof GoneError) return recordedMessage(error);
  return null;
}

function toHandlerActivity({ id, activity, contact, previous }: CallRow): HandlerActivity {
  return { ...activity, followUpId: id, contact, previous };
}
