/** Where an action is called: loads the rows of a job, runs the handler, records what became of each row. */
import { UnavailableError, withDeadline, GoneError, type Logger } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { disableAction, readActionGate, updateBreaker, type ActionGate } from '../db/sql/action-state.js';
import { finishFollowUps, type RowResult } from '../db/sql/finish-follow-ups.js';
import { loadFollowUps, type LoadedFollowUp } from '../db/sql/load-follow-ups.js';
import { inTransaction } from '../db/transaction.js';
import { GroupCommit } from '../group-commit.js';
import type { Database, HandlerActivity, HandlerContext } from '../handlers/handler.js';
import type { HttpClient } from '../handlers/http-client.js';
import type { Action } from './action.js';
import { afterFailure, afterSuccess, closed, isOpen } from './breaker.js';
import type { FollowUpMetrics } from './follow-up-metrics.js';
import { done, failed, handedBack, recordedMessage, type Attempted } from './outcome.js';

export interface DelivererParts {
  action: Action;
  dataSource: DataSource;
  http: HttpClient;
  metrics: FollowUpMetrics;
  log: Logger;
  /** Aborts when the process can wait no longer for calls that are under way. */
  signal: AbortSignal;
}

/** What one call did to its rows and says of its endpoint. */
interface CallResult {
  rows: RowResult[];
  /** null: says nothing about the endpoint. */
  endpoint: 'well' | { unavailableForMs: number } | null;
  /** The endpoint wants no more calls, ever. */
  gone: string | null;
}

type CallRow = LoadedFollowUp & Attempted;

/** A handler that does not listen to its signal is left behind after so long. */
const graceMs = 1_000;

export class Deliverer {
  readonly #loads: GroupCommit<string, CallRow[]>;
  readonly #results: GroupCommit<CallResult, null>;
  #gate: ActionGate = { disabled: false, breaker: closed };

  constructor(private readonly parts: DelivererParts) {
    const settings = { sizeOf: () => 1, maxSize: 256, maxTransactions: 1 };
    this.#loads = new GroupCommit((jobIds: readonly string[]) => this.#load(jobIds), settings);
    this.#results = new GroupCommit((results: readonly CallResult[]) => this.#record(results), settings);
  }

  /** Does what the job asks for; rejects for infrastructure failures only, and then may be called again. */
  async deliver(jobId: string): Promise<void> {
    const rows = await this.#loads.submit(jobId);
    if (rows.length === 0) return; // cancelled, or done by an earlier run of this job
    if (this.#gate.disabled || isOpen(this.#gate.breaker, Date.now())) {
      await this.#results.submit({ rows: rows.map(handedBack), endpoint: null, gone: null });
      return;
    }
    if (this.parts.action.handler.transaction) await this.#callInTransaction(rows);
    else await this.#results.submit(await this.#call(rows, this.#anyConnection));
  }

  readonly #anyConnection: Database = {
    query: async <Row>(sql: string, values: readonly unknown[] = []) => this.parts.dataSource.query<Row[]>(sql, [...values]),
  };

  /** The handler's effects and the end of its rows are one: exactly once. */
  async #callInTransaction(rows: CallRow[]): Promise<void> {
    let result: CallResult | undefined;
    try {
      await inTransaction(this.parts.dataSource, async (client) => {
        const db: Database = {
          query: async <Row>(sql: string, values: readonly unknown[] = []) =>
            (await client.query(sql, [...values])).rows as Row[],
        };
        result = await this.#call(rows, db);
        if (result.rows.some(({ state }) => state !== 'done')) throw new TakenBack();
        await finishFollowUps(client, result.rows);
      });
    } catch (error) {
      if (!(error instanceof TakenBack) || result === undefined) throw error;
      await this.#results.submit(result);
    }
  }

  async #call(rows: CallRow[], db: Database): Promise<CallResult> {
    const { action, http, log, metrics, signal } = this.parts;
    const [first] = rows;
    const activities = rows.map(toHandlerActivity);
    const failures = new Map<HandlerActivity, Error>();
    const attempt = Math.max(...rows.map(({ attempts }) => attempts)) + 1;
    const timeout = AbortSignal.timeout(action.timeoutMs);
    const ctx: HandlerContext = {
      action: action.name,
      contact: first?.contact ?? null,
      previous: first?.previous ?? null,
      idempotencyKey: first?.call_id ?? '',
      attempt,
      signal: AbortSignal.any([timeout, signal]),
      log: log.child({ action: action.name }),
      http,
      db,
      fail: (activity, error) => failures.set(activity, error),
    };
    const started = performance.now();
    let error: unknown;
    try {
      await withDeadline('the call', action.timeoutMs + graceMs, action.run(activities, ctx));
    } catch (thrown) {
      error = timeout.aborted ? new UnavailableError(`no answer within ${action.timeoutMs} ms`, 0, { cause: thrown }) : thrown;
    }
    const ms = Math.round(performance.now() - started);
    const handBack = error !== undefined && signal.aborted && !timeout.aborted;
    const outcome = handBack ? 'handed back' : error !== undefined ? 'failed' : failures.size > 0 ? 'partly failed' : 'done';
    metrics.called(action.name, outcome, ms);
    const line = { action: action.name, callId: ctx.idempotencyKey, activities: rows.length, attempt, ms, outcome };
    if (outcome === 'done') log.info(line, 'follow-up done');
    else log.warn({ ...line, err: recordedMessage(error ?? [...failures.values()][0]) }, 'follow-up not done');

    if (handBack) return { rows: rows.map(handedBack), endpoint: null, gone: null };
    if (error !== undefined) {
      return {
        rows: rows.map((row) => failed(row, error, action.retry)),
        endpoint: error instanceof UnavailableError ? { unavailableForMs: error.retryAfterMs } : null,
        gone: error instanceof GoneError ? recordedMessage(error) : null,
      };
    }
    const results = rows.map((row, index) => {
      const activity = activities[index];
      const failure = activity === undefined ? undefined : failures.get(activity);
      return failure === undefined ? done(row) : failed(row, failure, action.retry, true);
    });
    return { rows: results, endpoint: 'well', gone: null };
  }

  async #load(jobIds: readonly string[]): Promise<CallRow[][]> {
    const { action, dataSource } = this.parts;
    const rows = await inTransaction(dataSource, async (client) => {
      this.#gate = await readActionGate(client, action.name, 'look');
      return loadFollowUps(client, action.name, jobIds);
    });
    const byJob = new Map<string, CallRow[]>(jobIds.map((jobId) => [jobId, []]));
    for (const row of rows) byJob.get(row.job_id)?.push({ ...row, jobId: row.job_id });
    return jobIds.map((jobId) => byJob.get(jobId) ?? []);
  }

  async #record(results: readonly CallResult[]): Promise<null[]> {
    await inTransaction(this.parts.dataSource, async (client) => {
      await finishFollowUps(
        client,
        results.flatMap(({ rows }) => rows),
      );
      await this.#recordEndpoint(client, results);
    });
    return results.map(() => null);
  }

  /** A well endpoint of a closed breaker needs no word. */
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
    const wasWell = this.#gate.breaker.failures === 0 && this.#gate.breaker.allowed === null;
    if (news.length === 0 || (wasWell && news.every((endpoint) => endpoint === 'well'))) return;
    const { breaker } = await readActionGate(client, name, 'lock');
    const now = Date.now();
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
    this.#gate = { ...this.#gate, breaker: next };
  }
}

class TakenBack extends Error {}

function toHandlerActivity({ id, activity, contact, previous }: CallRow): HandlerActivity {
  return { ...activity, followUpId: id, contact, previous };
}
