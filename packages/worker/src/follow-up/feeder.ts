/** Hands waiting rows of one action from the ledger to its queue, no more than a window at a time: the queue stays small whatever waits. */
import type { JobQueue, Logger } from '@vidhuk/shared';
import { messageOf } from '@vidhuk/shared';
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

/** What a job carries: its rows are found by its id. */
export interface FollowUpJob {
  id: string;
}

/** Looks at the ledger so often at least, for rows whose time has come and for work that other processes planned. */
const pollMs = 1_000;
/** How often to look for rows whose job the queue has lost, and how old a job must be to be looked for. */
const sweepMs = 30_000;
const lostAfterMs = 60_000;

export class Feeder {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #sweptAt = Date.now();
  /** Calls that came to an end since the last look at the ledger. */
  #finished = 0;
  /** ms until the next look at the ledger when nobody wakes the feeder. */
  #nextLookMs = pollMs;

  constructor(
    private readonly action: Action,
    private readonly queue: JobQueue<FollowUpJob>,
    private readonly dataSource: DataSource,
    private readonly log: Logger,
  ) {}

  /** Calls in the queue at once: enough that no worker waits for the next look at the ledger. */
  get #window(): number {
    return Math.max(this.action.concurrency * 8, 100);
  }

  /** There may be work: feeds now, or once more after the run that is under way. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** A call came to an end: there is room for another. Looks at the ledger again once a quarter of the window is free. */
  callFinished(): void {
    this.#finished++;
    if (this.#finished >= this.#window / 4) this.wake();
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
        this.#nextLookMs = pollMs;
        await this.feed();
        if (Date.now() - this.#sweptAt > sweepMs) await this.sweep(lostAfterMs);
      }
    } catch (error) {
      this.log.warn(
        { action: this.action.name, err: messageOf(error) },
        'follow-ups could not be handed to the queue, trying again',
      );
    } finally {
      this.#running = undefined;
      if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), this.#nextLookMs);
    }
  }

  /** Claims what is due and may go, then enqueues it; gives the number of calls. A crash in between leaves rows that {@link sweep} finds. */
  async feed(): Promise<number> {
    const jobs = await this.#claim();
    if (jobs.length > 0) {
      await this.queue.addBulk(
        jobs.map((id) => ({
          name: 'follow-up',
          data: { id },
          opts: { jobId: id, attempts: 1, removeOnComplete: true, removeOnFail: true },
        })),
      );
    }
    return jobs.length;
  }

  #claim(): Promise<string[]> {
    const { name, enabled, group } = this.action;
    return inTransaction(this.dataSource, async (client) => {
      if (!enabled || !(await tryLockFeeder(client, name))) return [];
      const gate = await readActionGate(client, name, 'look');
      if (gate.disabled) return [];
      const underWay = await countQueuedCalls(client, name);
      const calls = Math.min(this.#window - underWay, mayBegin(gate.breaker, underWay, Date.now()));
      if (calls <= 0) return [];
      const again = toCalls(await selectAgain(client, name, calls, group !== null)).slice(0, calls);
      const fresh = await this.#newCalls(
        () => selectNew(client, name, (calls - again.length) * (group?.max ?? 1), group !== null),
        () => oldestNewRowMs(client, name),
      );
      const claimed = [...again, ...fresh.slice(0, calls - again.length)].map((rows) => ({ rows, jobId: uuidv7() }));
      await markQueued(
        client,
        claimed.flatMap(({ rows, jobId }) => rows.map(({ id, callId }) => ({ id, callId, jobId }))),
      );
      return claimed.map(({ jobId }) => jobId);
    });
  }

  /** New rows as calls: each for itself, or in groups of `max`; a smaller group goes once its oldest row has waited long enough. */
  async #newCalls(select: () => Promise<DueRow[]>, oldestMs: () => Promise<number | null>): Promise<CallRow[][]> {
    const rows = await select();
    const { group } = this.action;
    if (group === null) return rows.map(({ id }) => [{ id, callId: id }]);
    const groups = formGroups(rows, group.max);
    const last = groups.at(-1);
    if (last === undefined || last.length === group.max) return groups;
    const remainingMs = group.withinMs - ((await oldestMs()) ?? 0);
    if (remainingMs > 0) {
      groups.pop();
      this.#nextLookMs = Math.min(pollMs, remainingMs);
    }
    return groups;
  }

  /** Rows whose job the queue does not know (a crash, a store that lost it) go back among the waiting. */
  async sweep(olderThanMs: number): Promise<number> {
    this.#sweptAt = Date.now();
    const { name } = this.action;
    const jobIds = await inTransaction(this.dataSource, (client) => selectOldJobs(client, name, olderThanMs));
    const lost: string[] = [];
    for (const jobId of jobIds) if ((await this.queue.getJob(jobId)) === undefined) lost.push(jobId);
    if (lost.length === 0) return 0;
    const rows = await inTransaction(this.dataSource, (client) => reclaimJobs(client, name, lost));
    this.log.warn({ action: name, jobs: lost.length, rows }, 'the queue had lost follow-ups, they wait again');
    return rows;
  }
}

interface CallRow {
  id: string;
  callId: string;
}

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
