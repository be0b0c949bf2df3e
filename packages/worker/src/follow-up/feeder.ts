/** Hands waiting rows of one action from the ledger to its queue, no more than a window at a time: the queue stays small whatever waits. */
import type { JobQueue, Logger } from '@vidhuk/shared';
import { messageOf } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { readActionGate } from './sql/action-state.js';
import { countQueuedCalls, markQueued, reclaimJobs, selectOldJobs, tryLockFeeder } from './sql/claim-follow-ups.js';
import { inTransaction } from '../db/transaction.js';
import type { Action } from './action.js';
import { mayBegin } from './breaker.js';
import { selectDueCalls } from './due-calls.js';
import { toJobs, type FollowUpJob } from './follow-up-job.js';
import { unblockOrphans, type ContactOfAction } from './sql/unblock-follow-ups.js';

/** How often the ledger is looked at. */
export interface Pace {
  /** For rows whose time has come and for work that other processes planned: of all actions of a process together, see `due-poll.ts`. */
  pollMs: number;
  /** Of one action, whatever that tells. */
  idleMs: number;
  /** For rows whose job the queue has lost, at the start first. */
  sweepMs: number;
  /** So old must a job be to be looked for. */
  lostAfterMs: number;
}

export const usualPace: Pace = { pollMs: 1_000, idleMs: 120_000, sweepMs: 30_000, lostAfterMs: 60_000 };

/** Contacts with rows that wait for an earlier one, of which one sweep makes sure that it is there. */
const orphansAtOnce = 1_000;

export class Feeder {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #sweptAt = Number.NEGATIVE_INFINITY;
  /** Contacts of which blocked rows were looked at; null: from the start. */
  #sweptTo: ContactOfAction | null = null;
  /** Calls that came to an end since the last look at the ledger. */
  #finished = 0;
  /** Calls that were under way at the last look, with those that it handed out. */
  #underWay = 0;
  /** When the look that is under way began, or the last one ended. */
  #lookedAt = performance.now();
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
    this.#nextLookMs = pace.idleMs;
  }

  /** Calls in the queue at once: enough that no worker waits for the next look at the ledger. Groups are fewer: each takes longer, and memory. */
  get #window(): number {
    const { concurrency, group } = this.action;
    return group === null ? Math.max(concurrency * 16, 100) : concurrency * 3;
  }

  /** ms that the look at the ledger has taken which is under way, or that the next one is overdue. */
  get sinceLookMs(): number {
    const due = this.#running === undefined ? this.#nextLookMs : 0;
    return Math.max(0, performance.now() - this.#lookedAt - due);
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
        this.#lookedAt = performance.now();
        this.#finished = 0;
        this.#nextLookMs = this.pace.idleMs;
        await this.feed();
        this.#lookedAt = performance.now();
        if (performance.now() - this.#sweptAt > this.pace.sweepMs) await this.#lookAfter();
        if (this.#underWay > 0) this.#nextLookMs = Math.min(this.#nextLookMs, this.pace.sweepMs);
      }
    } catch (error) {
      this.#nextLookMs = this.pace.pollMs;
      this.log.warn(
        { action: this.action.name, err: messageOf(error) },
        'follow-ups could not be handed to the queue, trying again',
      );
    } finally {
      this.#running = undefined;
      this.#lookedAt = performance.now();
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
    const { name } = this.action;
    return inTransaction(this.dataSource, async (client) => {
      if (!(await tryLockFeeder(client, name))) return [];
      const gate = await readActionGate(client, name, 'look');
      if (gate.disabled) return [];
      const underWay = await countQueuedCalls(client, name);
      this.#underWay = underWay;
      const room = Math.min(this.#window - underWay, mayBegin(gate.breaker, underWay, gate.now));
      if (room <= 0) return [];
      const { calls, nextLookMs } = await selectDueCalls(client, this.action, room);
      this.#nextLookMs = Math.min(this.pace.idleMs, nextLookMs);
      if (calls.length === 0) return [];
      const callIds = calls.flatMap(([row]) => row?.callId ?? []);
      const jobs = toJobs(this.action, callIds, underWay);
      const jobOf = new Map(jobs.flatMap((job) => job.calls.map((callId) => [callId, job.id])));
      await markQueued(
        client,
        calls.flat().map(({ id, callId }) => ({ id, callId, jobId: jobOf.get(callId) ?? '' })),
      );
      this.#underWay += calls.length;
      return jobs;
    });
  }

  /** What should not be: rows that wait for nobody, and rows whose job is lost. An action with nothing under way has none of the latter. */
  async #lookAfter(): Promise<void> {
    this.#sweptAt = performance.now();
    const { name } = this.action;
    this.#sweptTo = await inTransaction(this.dataSource, (client) => unblockOrphans(client, name, this.#sweptTo, orphansAtOnce));
    if (this.#underWay > 0) await this.sweep(this.pace.lostAfterMs);
  }

  /** Rows whose job the queue does not know (a crash, a store that lost it) go back among the waiting; gives how many. */
  async sweep(olderThanMs: number): Promise<number> {
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
