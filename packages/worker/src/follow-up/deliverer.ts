/** Where an action is called: loads the rows of a job, runs the handler, records what became of each row. */
import { setMaxListeners } from 'node:events';
import { UnavailableError, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { reclaimRenewed } from './sql/claim-follow-ups.js';
import type { QueuedCall } from './sql/load-follow-ups.js';
import { onConnection } from '../db/on-connection.js';
import type { Database, HandlerContext, HandlerSubject } from '../handlers/handler.js';
import type { HttpClient } from '../handlers/http-client.js';
import type { Action } from './action.js';
import { isOpen } from './breaker.js';
import { CallLedger, nextOf, type CallRow } from './call-ledger.js';
import { CallLimit } from './call-limit.js';
import { answeredCall, failedCall, handBack, type CallResult } from './call-result.js';
import { CallSlots } from './call-slots.js';
import type { FollowUpJob } from './follow-up-job.js';
import type { FollowUpMetrics } from './follow-up-metrics.js';
import { recordedMessage } from './outcome.js';
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

export class Deliverer {
  readonly #ledger: CallLedger;
  readonly #slots: CallSlots;
  readonly #log: Logger;

  constructor(private readonly parts: DelivererParts) {
    this.#ledger = new CallLedger(parts.action, parts.dataSource, parts.log);
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
    const result = this.#ledger.unrecorded(call) ?? (await this.#slots.use(() => this.#attemptAndTell(job, call)));
    if (result !== null) await this.#ledger.record(call, result);
    this.parts.onFinished();
  }

  /** What may concern other calls is recorded before the next one begins: that the endpoint is unavailable, or gone. The rest is left to do. */
  async #attemptAndTell(job: FollowUpJob, call: QueuedCall): Promise<CallResult | null> {
    const result = await this.#attempt(job, call);
    if (result?.endpoint === 'well' && result.gone === null) return result;
    if (result !== null) await this.#ledger.record(call, result);
    return null;
  }

  /** null: there is nothing to do, or to record. The rows are loaded when the call may begin: they may have been cancelled by then. */
  async #attempt(job: FollowUpJob, call: QueuedCall): Promise<CallResult | null> {
    const rows = await this.#ledger.load(call);
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
            { timeoutMs: action.timeoutMs, next: nextOf(action) },
            (db) => this.#call(rows, db),
            (error) => failedCall(rows, error, action.retry),
          ),
    );
    return result === 'other rows' ? this.#attempt(job, call) : result;
  }

  /** Jobs may be in the queue for longer than what allowed them: they were enqueued before the action was disabled, or its breaker opened. */
  #isPaused(rows: readonly CallRow[]): boolean {
    const { action, stopping } = this.parts;
    const { disabled, breaker, now } = this.#ledger.gate;
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
    const activities = rows.map(toSubject);
    const ids = new Set(rows.map(({ id }) => id));
    const failures = new Map<string, unknown>();
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
      fail({ followUpId }, error) {
        // By its id: a handler may have made a copy. What it reports is never taken for done.
        if (!ids.has(followUpId)) throw new Error('a failure was reported of an activity that is not of this call');
        failures.set(followUpId, error);
      },
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
    if (thrown) return failedCall(rows, thrown.error, action.retry);
    return answeredCall(rows, failures, action.retry);
  }
}

/** A handler that throws before it gives a promise has failed all the same. */
const runHandler = async (action: Action, activities: readonly HandlerSubject[], ctx: HandlerContext): Promise<void> =>
  action.run(activities, ctx);

function toSubject({ id, activity, contact, previous }: CallRow): HandlerSubject {
  if ('type' in activity) return { ...activity, followUpId: id, contact, previous: null };
  return { ...activity, followUpId: id, contact, previous };
}
