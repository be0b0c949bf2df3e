/** Hands waiting rows of one action from the ledger to its queue, no more than a window at a time: the queue stays small whatever waits. */
import type { JobQueue, Logger } from '@vidhuk/shared';
import { messageOf } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { readActionGate } from '../db/sql/action-state.js';
import {
  countQueuedCalls,
  markQueued,
  oldestNewRowMs,
  reclaimJobs,
  selectAgain,
  selectNew,
  selectOldJobs,
  tryLockFeeder,
  type DueRow,
} from '../db/sql/claim-follow-ups.js';
import { inTransaction } from '../db/transaction.js';
import type { Action } from './action.js';
import { mayBegin } from './breaker.js';

/** What a job carries: its calls, whose rows are found in the ledger. */
export interface FollowUpJob {
  id: string;
  calls: string[];
}

/** How often the ledger is looked at. */
export interface Pace {
  /** For rows whose time has come and for work that other processes planned. */
  pollMs: number;
  /** For rows whose job the queue has lost, at the start first. */
  sweepMs: number;
  /** So old must a job be to be looked for. */
  lostAfterMs: number;
}

export const usualPace: Pace = { pollMs: 1_000, sweepMs: 30_000, lostAfterMs: 60_000 };

const maxCallsPerJob = 8;

export class Feeder {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #sweptAt = 0;
  /** Calls that came to an end since the last look at the ledger. */
  #finished = 0;
  /** Calls that were under way at the last look, with those that it handed out. */
  #underWay = 0;
  #lookedAt = Date.now();
  /** Jobs that the queue may not have taken. */
  #doubtful: string[] = [];
  /** ms until the next look at the ledger when nobody wakes the feeder. */
  #nextLookMs: number;

  constructor(
    private readonly action: Action,
    private readonly queue: JobQueue<FollowUpJob>,
    private readonly dataSource: DataSource,
    private readonly log: Logger,
    private readonly pace: Pace = usualPace,
  ) {
    this.#nextLookMs = pace.pollMs;
  }

  /** Calls in the queue at once: enough that no worker waits for the next look at the ledger. Groups are fewer: each takes longer, and memory. */
  get #window(): number {
    const { concurrency, group } = this.action;
    return group === null ? Math.max(concurrency * 16, 100) : concurrency * 3;
  }

  /**
   * Calls of one job: a job costs as much as a call on PostgreSQL, so several go together where many wait. There are always twice as many jobs as a
   * worker takes, so that others find some; rates and groups are told by jobs, which are then one call each.
   */
  #callsPerJob(calls: number): number {
    const { concurrency, group, rateLimit } = this.action;
    return group !== null || rateLimit !== null ? 1 : Math.min(maxCallsPerJob, Math.ceil(calls / (concurrency * 2)));
  }

  /** ms since the last look at the ledger ended, well or not. */
  get sinceLookMs(): number {
    return Math.max(0, Date.now() - this.#lookedAt - this.#nextLookMs);
  }

  /** There may be work: feeds now, or once more after the run that is under way. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** A call came to an end: there is room for another. Looks at the ledger again once a quarter of the window, or half of what was handed out, is free. */
  callFinished(): void {
    this.#finished++;
    if (this.#finished >= Math.min(this.#window / 4, this.#underWay / 2)) this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        this.#finished = 0;
        this.#nextLookMs = this.pace.pollMs;
        await this.feed();
        this.#lookedAt = Date.now();
        if (Date.now() - this.#sweptAt > this.pace.sweepMs) await this.sweep(this.pace.lostAfterMs);
      }
    } catch (error) {
      this.log.warn(
        { action: this.action.name, err: messageOf(error) },
        'follow-ups could not be handed to the queue, trying again',
      );
    } finally {
      this.#running = undefined;
      this.#lookedAt = Date.now();
      if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), this.#nextLookMs);
    }
  }

  /** Claims what is due and may go, then enqueues it; gives the number of calls. A crash in between leaves rows that {@link sweep} finds. */
  async feed(): Promise<number> {
    if (!this.action.enabled || this.action.dryRun) return 0;
    if (this.#doubtful.length > 0) await this.#reclaimLost(this.#doubtful);
    const jobs = await this.#claim();
    if (jobs.length === 0) return 0;
    this.#doubtful = jobs.map(({ id }) => id);
    await this.queue.addBulk(
      jobs.map((job) => ({
        name: 'follow-up',
        data: job,
        opts: { jobId: job.id, attempts: 1, removeOnComplete: true, removeOnFail: true },
      })),
    );
    this.#doubtful = [];
    return jobs.reduce((sum, { calls }) => sum + calls.length, 0);
  }

  #claim(): Promise<FollowUpJob[]> {
    const { name, group } = this.action;
    return inTransaction(this.dataSource, async (client) => {
      if (!(await tryLockFeeder(client, name))) return [];
      const gate = await readActionGate(client, name, 'look');
      if (gate.disabled) return [];
      const underWay = await countQueuedCalls(client, name);
      this.#underWay = underWay;
      const room = Math.min(this.#window - underWay, mayBegin(gate.breaker, underWay, gate.now));
      if (room <= 0) return [];
      const failed = await selectAgain(client, name, room, group !== null);
      const again = group === null ? failed.map(single) : toCalls(failed).slice(0, room);
      const fresh = again.length < room ? await this.#newCalls(client, room - again.length) : [];
      const calls = [...again, ...fresh];
      if (calls.length === 0) return [];
      const jobs: FollowUpJob[] = [];
      const perJob = this.#callsPerJob(underWay + calls.length);
      for (let at = 0; at < calls.length; at += perJob) {
        const ids = calls.slice(at, at + perJob).flatMap(([row]) => row?.callId ?? []);
        jobs.push({ id: uuidv7(), calls: ids });
      }
      const jobOf = new Map(jobs.flatMap((job) => job.calls.map((callId) => [callId, job.id])));
      await markQueued(
        client,
        calls.flat().map(({ id, callId }) => ({ id, callId, jobId: jobOf.get(callId) ?? '' })),
      );
      this.#underWay += calls.length;
      return jobs;
    });
  }

  /** New rows as `calls` calls at most: each for itself, or in groups; one that is not full goes once its oldest row has waited long enough. */
  async #newCalls(client: ClientBase, calls: number): Promise<CallRow[][]> {
    const { name, group } = this.action;
    const rows = await selectNew(client, name, calls * (group?.max ?? 1), group !== null);
    if (group === null) return rows.map(single);
    const groups = formGroups(rows, group.max);
    const last = groups.at(-1);
    if (last === undefined || last.length === group.max) return groups;
    const remainingMs = group.withinMs - ((await oldestNewRowMs(client, name)) ?? 0);
    if (remainingMs > 0) {
      groups.pop();
      this.#nextLookMs = Math.min(this.pace.pollMs, remainingMs);
    }
    return groups;
  }

  /** Rows whose job the queue does not know (a crash, a store that lost it) go back among the waiting; gives how many. */
  async sweep(olderThanMs: number): Promise<number> {
    this.#sweptAt = Date.now();
    const { name } = this.action;
    return this.#reclaimLost(await inTransaction(this.dataSource, (client) => selectOldJobs(client, name, olderThanMs)));
  }

  async #reclaimLost(jobIds: readonly string[]): Promise<number> {
    const { name } = this.action;
    const lost: string[] = [];
    for (const jobId of jobIds) if ((await this.queue.getJob(jobId)) === undefined) lost.push(jobId);
    // A job that has just been done is not in the queue either: its rows are no longer its own, and stay as they are.
    const rows = lost.length === 0 ? 0 : await inTransaction(this.dataSource, (client) => reclaimJobs(client, name, lost));
    if (rows > 0) this.log.warn({ action: name, jobs: lost.length, rows }, 'the queue had lost follow-ups, they wait again');
    return rows;
  }
}

interface CallRow {
  id: string;
  callId: string;
}

/** A row that goes out alone, under its own id; also one that was in a group before the configuration changed. */
const single = ({ id }: DueRow): CallRow[] => [{ id, callId: id }];

/** Rows that were one call before, call by call. */
function toCalls(rows: readonly DueRow[]): CallRow[][] {
  const calls = new Map<string, CallRow[]>();
  for (const { id, call_id: callId } of rows) {
    if (callId === null) continue;
    const call = calls.get(callId);
    if (call === undefined) calls.set(callId, [{ id, callId }]);
    else call.push({ id, callId });
  }
  return [...calls.values()];
}

/** Groups of at most `max` in order; of one contact all rows go into one group, what does not fit waits for the next time. */
export function formGroups(rows: readonly DueRow[], max: number): CallRow[][] {
  const groups: CallRow[][] = [];
  const groupOf = new Map<string, CallRow[]>();
  let current: CallRow[] | undefined;
  let callId = '';
  for (const { id, contact } of rows) {
    const own = contact === null ? undefined : groupOf.get(contact);
    if (own !== undefined && own !== current) continue;
    if (current === undefined || current.length >= max) {
      if (own !== undefined) continue;
      current = [];
      callId = uuidv7();
      groups.push(current);
    }
    current.push({ id, callId });
    if (contact !== null) groupOf.set(contact, current);
  }
  return groups;
}
