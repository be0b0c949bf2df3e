/**
 * A small world for simulations: a queue that hands out again what a dead process held, a database with transactions, a receiver of calls, and processes
 * that may die between any two steps. What the product decides in code is the product's own here (parsing, identity, fold, conditions, outcomes,
 * breaker); what it leaves to SQL and to the queue is modelled: unique keys, merging of rows, atomic commits, locks that end with their holder.
 */
import { UnavailableError } from '../../packages/shared/src/index.js';
import type { Activity } from '../../packages/worker/src/activity/activity.js';
import { parseBatch } from '../../packages/worker/src/activity/parse-batch.js';
import {
  afterFailure,
  afterSuccess,
  closed,
  isOpen,
  mayBegin,
  type Breaker,
} from '../../packages/worker/src/follow-up/breaker.js';
import { compileCondition } from '../../packages/worker/src/follow-up/match.js';
import { done, failed, handedBack } from '../../packages/worker/src/follow-up/outcome.js';

export const context = { source: 'main', timeZone: 'UTC' };
export const condition = compileCondition({ status: ['SPAM', 'UNSUBSCRIBED'], not: { mediaType: 'sms' } });
const policy = { attempts: 1_000, maxDelayMs: 60_000 };

interface LedgerRow {
  id: string;
  state: 'waiting' | 'queued' | 'done' | 'failed';
  jobId: string | null;
  attempts: number;
  dueAt: number;
}

interface Database {
  log: ReadonlyMap<string, Activity>;
  /** What the projection was given, activity by activity: an activity applied twice is here twice. */
  projected: readonly Activity[];
  ledger: ReadonlyMap<string, LedgerRow>;
  breaker: Breaker;
}

interface Job {
  id: string;
  data: string;
  holder: object | null;
}

/** Each `yield` is an await of the product: there a process may die, and another goes on. */
type Process = Generator<undefined, void>;
type Answer = 'well' | 'unavailable' | 'well, but the answer is lost';

export class World {
  now = 0;
  database: Database = { log: new Map(), projected: [], ledger: new Map(), breaker: closed };
  readonly batches = new Map<string, Job>();
  readonly calls = new Map<string, Job>();
  /** What the receiver was told, by key. */
  readonly received = new Map<string, string[]>();
  readonly complaints: string[] = [];
  #writer: object | null = null;
  #callers = new Set<object>();
  #jobs = 0;

  /** How the receiver answers its next calls; then it is well. */
  constructor(private readonly answers: Answer[]) {}

  /** Acknowledged: it is in the queue. */
  post(body: string): void {
    const id = `batch ${this.#jobs++}`;
    this.batches.set(id, { id, data: body, holder: null });
  }

  /** Whoever `self` was, nothing of it is left but what it has committed. */
  die(self: object): void {
    if (this.#writer === self) this.#writer = null;
    this.#callers.delete(self);
    for (const job of [...this.batches.values(), ...this.calls.values()]) if (job.holder === self) job.holder = null;
  }

  *worker(self: object): Process {
    const job = take(this.batches, self);
    if (job === undefined) return;
    yield;
    const { activities } = parseBatch(Buffer.from(job.data), context);
    yield;
    yield* this.#transaction(self, function* (given) {
      const log = new Map(given.log);
      const fresh: Activity[] = [];
      for (const activity of activities) {
        if (log.has(activity.key)) continue;
        log.set(activity.key, activity);
        fresh.push(activity);
      }
      yield;
      const projected = [...given.projected, ...fresh];
      yield;
      const ledger = new Map(given.ledger);
      for (const activity of fresh.filter((each) => condition.matches(each)))
        ledger.set(activity.key, { id: activity.key, state: 'waiting', jobId: null, attempts: 0, dueAt: 0 });
      yield;
      return { ...given, log, projected, ledger };
    });
    yield;
    this.batches.delete(job.id);
  }

  /** Hands out rows that are due, and again what no job stands for: a feeder may die between its commit and the queue. */
  *feeder(self: object): Process {
    const jobs: string[] = [];
    const { calls, now } = this;
    const newJob = () => `call ${this.#jobs++}`;
    yield* this.#transaction(self, function* (given) {
      const ledger = new Map(given.ledger);
      for (const row of ledger.values()) {
        const lost = row.state === 'queued' && !calls.has(row.jobId ?? '');
        if (!lost && (row.state !== 'waiting' || row.dueAt > now)) continue;
        const jobId = newJob();
        ledger.set(row.id, { ...row, state: 'queued', jobId });
        jobs.push(jobId);
      }
      yield;
      return { ...given, ledger };
    });
    for (const id of jobs) {
      yield;
      calls.set(id, { id, data: id, holder: null });
    }
  }

  *deliverer(self: object): Process {
    const job = take(this.calls, self);
    if (job === undefined) return;
    yield;
    const row = [...this.database.ledger.values()].find(({ state, jobId }) => state === 'queued' && jobId === job.id);
    if (row !== undefined) {
      const attempted = { id: row.id, jobId: job.id, attempts: row.attempts };
      yield;
      let result = handedBack(attempted);
      if (mayBegin(this.database.breaker, this.#callers.size, this.now) > 0) {
        this.#begin(self);
        yield;
        const answer = this.#receive(row.id, JSON.stringify(this.database.log.get(row.id)));
        yield;
        const error = new UnavailableError('no answer');
        result = answer === 'well' ? done(attempted) : failed(attempted, error, policy);
        const after = (breaker: Breaker) =>
          answer === 'well' ? afterSuccess(breaker, this.now) : afterFailure(breaker, this.now, 0, 0.5);
        this.#callers.delete(self);
        this.database = { ...this.database, breaker: after(this.database.breaker) };
        yield;
      }
      const { state, attempted: counts, delayMs } = result;
      const dueAt = Math.max(this.now + (delayMs ?? 0), counts ? 0 : (this.database.breaker.blockedUntil ?? 0));
      yield* this.#transaction(self, function* (given) {
        const ledger = new Map(given.ledger);
        const current = ledger.get(row.id);
        if (current?.state === 'queued' && current.jobId === job.id)
          ledger.set(row.id, { ...current, state, jobId: null, attempts: current.attempts + Number(counts), dueAt });
        yield;
        return { ...given, ledger };
      });
    }
    yield;
    this.calls.delete(job.id);
  }

  /** One writer at a time; nothing of it shows before the commit, and everything after it. */
  *#transaction(self: object, work: (given: Database) => Generator<undefined, Database>): Process {
    while (this.#writer !== null) yield;
    this.#writer = self;
    const { breaker: _, ...written } = yield* work(this.database);
    this.database = { ...this.database, ...written };
    this.#writer = null;
    yield;
  }

  #begin(self: object): void {
    const { breaker } = this.database;
    this.#callers.add(self);
    if (isOpen(breaker, this.now)) this.complaints.push('a call began while the breaker was open');
    if (breaker.allowed !== null && this.#callers.size > breaker.allowed) this.complaints.push('too many calls at once');
  }

  #receive(key: string, body: string): 'well' | 'unavailable' {
    const answer = this.answers.shift() ?? 'well';
    if (answer !== 'unavailable') this.received.set(key, [...(this.received.get(key) ?? []), body]);
    return answer === 'well' ? 'well' : 'unavailable';
  }
}

function take(jobs: Map<string, Job>, self: object): Job | undefined {
  const job = [...jobs.values()].find(({ holder }) => holder === null);
  if (job !== undefined) job.holder = self;
  return job;
}
