/** What follow-up tests stand on: a database, a queue's store, and as many workers as a test wants, all in this process and all real. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Registry } from 'prom-client';
import { openQueueStore, type Logger, type QueueStore, type Stop } from '../../../packages/shared/src/index.js';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import type { QueueBoard } from '../../../packages/worker/src/follow-up/queue-board.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import type { FollowUpState } from '../../../packages/worker/src/db/entities/follow-up.js';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import type { Action } from '../../../packages/worker/src/follow-up/action.js';
import { FollowUpMetrics } from '../../../packages/worker/src/follow-up/follow-up-metrics.js';
import { FollowUps } from '../../../packages/worker/src/follow-up/follow-ups.js';
import { Planner } from '../../../packages/worker/src/follow-up/planner.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import type { Batch } from '../../../packages/worker/src/projection/batch.js';
import { Projector } from '../../../packages/worker/src/projection/projector.js';
import { RequestStore } from '../../../packages/worker/src/workflow/store-requests.js';
import type { WorkflowRequest } from '../../../packages/worker/src/workflow/workflow-request.js';
import { silentLog } from '../log-lines.js';
import { noon } from './activities.js';
import { until } from '../poll.js';
import { openStores, type StoreKind, type Stores } from '../stores.js';

type DataSource = ReturnType<typeof createDataSource>;

export interface LedgerRow {
  id: string;
  action: string;
  activity_key: string;
  contact_id: string | null;
  state: FollowUpState;
  attempts: number;
  last_error: string | null;
  call_id: string | null;
  job_id: string | null;
  previous: Record<string, unknown> | null;
  contact: Record<string, unknown> | null;
  activity: Record<string, unknown>;
}

/** One more worker process's worth of follow-ups, without the process. */
export interface FollowUpWorker {
  followUps: FollowUps;
  dataSource: DataSource;
  /** Plans as this worker would, and wakes it. */
  plan: (actions: readonly Action[], activities: readonly Activity[]) => Promise<void>;
  /** The same of requests of the workflow block, in one transaction. */
  planRequests: (actions: readonly Action[], requests: readonly WorkflowRequest[]) => Promise<void>;
}

export interface WorkerOptions {
  log?: Logger;
  databaseConnections?: number;
  /** Looks at the ledger so often; the default is quick, for tests. */
  pollMs?: number;
  finishMs?: number;
  stuckAfterMs?: number;
  /** Ends the process; if left out, a test in which a worker wants that fails. */
  stop?: Stop;
  /** Shows their queues. */
  board?: QueueBoard;
  /** Changes the store that the actions get. */
  wrapStore?: (store: QueueStore) => QueueStore;
}

export const batchOf = (activities: readonly Activity[]): Batch => ({
  id: randomUUID(),
  source: 'main',
  origin: 'webhook',
  receivedAt: new Date(),
  body: Buffer.from('[]'),
  total: activities.length,
  activities,
  rejections: [],
});

export class Bed {
  readonly #closers: (() => Promise<unknown>)[] = [];
  /** Why workers wanted to end themselves that may not. */
  readonly #unwantedStops: string[] = [];

  private constructor(
    readonly stores: Stores,
    readonly dataSource: DataSource,
  ) {}

  static async open(kind: StoreKind): Promise<Bed> {
    const stores = await openStores(kind);
    const dataSource = createDataSource(stores.databaseUrl, { name: 'test', poolSize: 8, log: silentLog() });
    await dataSource.initialize();
    await new PartitionsOnDemand(dataSource).ensure('activity', [noon]);
    return new Bed(stores, dataSource);
  }

  onClose(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
    await this.dataSource.destroy();
    await this.stores.drop();
    if (this.#unwantedStops.length > 0) throw new Error(`workers would have ended themselves: ${this.#unwantedStops.join()}`);
  }

  openStore(): Promise<QueueStore> {
    return openQueueStore(this.stores.queueUrl, () => undefined);
  }

  async worker(actions: readonly Action[], options: WorkerOptions = {}): Promise<FollowUpWorker> {
    const { log = silentLog(), databaseConnections = 12, pollMs = 50, finishMs = 5_000 } = options;
    const {
      stuckAfterMs = 60_000,
      stop = (reason: string) => void this.#unwantedStops.push(reason),
      wrapStore = (store: QueueStore) => store,
    } = options;
    const dataSource = createDataSource(this.stores.databaseUrl, { name: 'test worker', poolSize: databaseConnections, log });
    await dataSource.initialize();
    const store = await this.openStore();
    const http = createGuardedHttp();
    const metrics = new FollowUpMetrics(new Registry(), dataSource);
    const settings = { databaseConnections, maxTransactions: 2, stuckAfterMs };
    const parts = { store: wrapStore(store), dataSource, http, metrics, log, stop, settings };
    const followUps = new FollowUps({ ...parts, ...(options.board && { board: options.board }), pace: { pollMs }, finishMs });
    this.onClose(async () => {
      await followUps.stop();
      await http.close();
      await store.close();
      await dataSource.destroy();
    });
    await followUps.run(actions);
    const partitions = new PartitionsOnDemand(dataSource);
    const plan = async (planned: readonly Action[], activities: readonly Activity[]) => {
      await new Projector(dataSource, partitions, log, followUps.plannerFor(planned)).project([batchOf(activities)]);
    };
    const planRequests = async (planned: readonly Action[], requests: readonly WorkflowRequest[]) => {
      await new RequestStore(dataSource, partitions, log, followUps.requestPlannerFor(planned)).store(requests);
    };
    return { followUps, dataSource, plan, planRequests };
  }

  /** As a worker whose actions nobody runs here. */
  async plan(actions: readonly Action[], activities: readonly Activity[]): Promise<void> {
    const planner = new Planner(actions, () => undefined);
    await new Projector(this.dataSource, new PartitionsOnDemand(this.dataSource), silentLog(), planner).project([
      batchOf(activities),
    ]);
  }

  async query<Row = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql, values);
  }

  /** In the order of their activities. */
  rows(action?: string): Promise<LedgerRow[]> {
    return this.query<LedgerRow>(
      'select * from vidhuk.follow_up where action = coalesce($1, action) order by occurred_at, activity_key, action',
      [action ?? null],
    );
  }

  async states(action?: string): Promise<FollowUpState[]> {
    return (await this.rows(action)).map(({ state }) => state);
  }

  /** Waits until `count` rows, and no others, are there and all of them are in this state. */
  reach(state: FollowUpState, count: number, options: { action?: string; timeoutMs?: number } = {}): Promise<LedgerRow[]> {
    return this.reachStates({ [state]: count }, options);
  }

  /** Waits until exactly so many rows are in these states, and none in any other. */
  async reachStates(
    wanted: Partial<Record<FollowUpState, number>>,
    { action, timeoutMs = 15_000 }: { action?: string; timeoutMs?: number } = {},
  ): Promise<LedgerRow[]> {
    await until(
      `rows are ${JSON.stringify(wanted)}`,
      async () => {
        const counts = await this.counts(action);
        if (isDeepStrictEqual(counts, wanted)) return true;
        throw new Error(JSON.stringify(counts));
      },
      { timeoutMs },
    );
    return this.rows(action);
  }

  /** Waits until every row is at its end, by one look: between two a row can go from one open state to the other, and be missed by both. */
  async settled(timeoutMs = 15_000): Promise<LedgerRow[]> {
    await until(
      'every row is at its end',
      async () => {
        const counts = await this.counts();
        return !('waiting' in counts) && !('queued' in counts);
      },
      { timeoutMs },
    );
    return this.rows();
  }

  /** Waits until every row waits, and those of these activities went out before: rows that nobody has claimed yet wait too. */
  async failedAndWaiting(...activities: readonly Activity[]): Promise<void> {
    await until(`${activities.length} activities went out, and every row waits`, async () => {
      const rows = await this.rows();
      const wentOut = new Set(rows.filter(({ attempts }) => attempts > 0).map(({ activity_key: key }) => key));
      return rows.every(({ state }) => state === 'waiting') && activities.every(({ key }) => wentOut.has(key));
    });
  }

  /** Rows by state. */
  async counts(action?: string): Promise<Partial<Record<FollowUpState, number>>> {
    const rows = await this.query<{ state: FollowUpState; count: number }>(
      'select state, count(*)::integer as count from vidhuk.follow_up where action = coalesce($1, action) group by state',
      [action ?? null],
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  /** Ends every connection that the workers of this process have to the database. */
  async cutConnections(): Promise<void> {
    await this.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test worker' and datname = current_database()`,
    );
  }
}
