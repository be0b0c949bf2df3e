/** The ingress inside of the test's process, on a real queue, with limits of the test's choosing. */
import { Registry } from 'prom-client';
import type { Source } from '../../packages/ingress/src/authenticate.js';
import { createContactReader } from '../../packages/ingress/src/contact-reader.js';
import { createApp } from '../../packages/ingress/src/app.js';
import { IngressMetrics } from '../../packages/ingress/src/metrics.js';
import { clientAddressOf } from '../../packages/ingress/src/client-address.js';
import { largestShared } from '../../packages/ingress/src/receive-body.js';
import { createReceiver } from '../../packages/ingress/src/receive.js';
import { createWorkflowReceiver } from '../../packages/ingress/src/receive-workflow.js';
import { Refusals } from '../../packages/ingress/src/refusals.js';
import {
  batchQueueName,
  openQueueStore,
  serve,
  shared,
  ByteBudget,
  StoreRoom,
  unpackBody,
  workflowQueueName,
  type BatchJob,
  type Configuration,
  type JobQueue,
  type QueueStore,
  type WorkflowJob,
} from '../../packages/shared/src/index.js';
import { statusOfTests } from './configuration-status.js';
import { captureLog, type CapturedLog } from './log-lines.js';
import { openStores, type StoreKind } from './stores.js';

export interface TestIngress {
  /** http://127.0.0.1:port */
  address: string;
  port: number;
  /** Of the source `main` with its token. */
  webhook: string;
  captured: CapturedLog;
  queue: JobQueue<BatchJob>;
  /** Of requests of the workflow block. */
  workflowQueue: JobQueue<WorkflowJob>;
  store: QueueStore;
  /** The job of the batch stored last, and its body as it was received. */
  lastJob: () => Promise<{ job: BatchJob; body: Buffer }>;
  /** The same of the workflow request stored last. */
  lastRequest: () => Promise<{ job: WorkflowJob; body: Buffer }>;
  close: () => Promise<void>;
}

export interface TestIngressOptions {
  /** Without `workflows` they have no hooks. */
  sources?: Readonly<Record<string, Omit<Source, 'workflows'> & Partial<Pick<Source, 'workflows'>>>>;
  /** Whom to ask about contacts; by default nobody can be asked. */
  databaseUrl?: string;
  limits?: Partial<Configuration['ingress']>;
  adminToken?: string | undefined;
  headersTimeoutMs?: number;
  requestTimeoutMs?: number;
}

export const token = 'tok-0123456789-secret';

const usualLimits = {
  maxBodyBytes: 64 * 2 ** 20,
  maxBytesInFlight: 256 * 2 ** 20,
  maxWaitMs: 2_000,
  idleTimeoutMs: 30_000,
  enqueueTimeoutMs: 10_000,
};

export async function startIngress(queueUrl: string, options: TestIngressOptions = {}): Promise<TestIngress> {
  const captured = captureLog();
  const { log } = captured;
  const store = await openQueueStore(queueUrl, (error) => log.warn({ err: error.message }, 'trouble'));
  const queue = await store.openQueue<BatchJob>(batchQueueName);
  const workflowQueue = await store.openQueue<WorkflowJob>(workflowQueueName);
  const limits = { ...usualLimits, ...options.limits };
  const registry = new Registry();
  const budget = new ByteBudget(limits.maxBytesInFlight, largestShared);
  const room = new StoreRoom(store, 90, log);
  const watching = room.watch();
  const metrics = new IngressMetrics(registry, budget, room);
  const refusals = new Refusals(registry, log);
  const contacts = createContactReader(options.databaseUrl ?? 'postgres://nobody@127.0.0.1:1/none', log);
  const given = Object.entries(options.sources ?? { main: { tokens: [token], timeZone: 'UTC' } });
  const sources = Object.fromEntries(given.map(([name, source]) => [name, { workflows: {}, ...source }]));
  const app = createApp({
    sources: () => sources,
    receive: createReceiver({ queue, budget, room, limits, metrics, log }),
    receiveWorkflow: createWorkflowReceiver({ queue: workflowQueue, contacts, budget, room, limits, metrics, log }),
    readiness: [
      shared({ name: 'queue', check: () => store.checkWritable() }),
      shared({ name: 'room', check: () => room.check() }),
    ],
    metrics,
    refusals,
    clientAddress: clientAddressOf(['loopback']),
    registry,
    configuration: statusOfTests,
    adminToken: 'adminToken' in options ? options.adminToken : 'admin-token',
    log,
  });
  const { headersTimeoutMs, requestTimeoutMs } = options;
  const stop = await serve(app.callback(), { host: '127.0.0.1', port: 0 }, log, {
    onRefused: ({ status, remote }) => refusals.refused('http', status, { remote }),
    ...(headersTimeoutMs === undefined ? {} : { headersTimeoutMs }),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
  });
  const port = Number(captured.lines().find(({ msg }) => msg === 'listening')?.port);
  const address = `http://127.0.0.1:${port}`;
  return {
    address,
    port,
    webhook: `${address}/webhooks/esputnik/main/${token}`,
    captured,
    queue,
    workflowQueue,
    store,
    async lastJob() {
      const id = captured.lines().findLast(({ msg }) => msg === 'batch stored')?.batchId;
      const job = await queue.getJob(String(id));
      if (job === undefined) throw new Error('no batch was stored');
      return { job: job.data, body: await unpackBody(job.data) };
    },
    async lastRequest() {
      const id = captured.lines().findLast(({ msg }) => msg === 'workflow request stored')?.requestId;
      const job = await workflowQueue.getJob(String(id));
      if (job === undefined) throw new Error('no request was stored');
      return { job: job.data, body: await unpackBody(job.data) };
    },
    async close() {
      clearInterval(watching);
      await stop();
      await contacts.close();
      await queue.close();
      await workflowQueue.close();
      await store.close();
    },
  };
}

/** For the head of a `describe`: gives an ingress with empty stores to its tests, and ends both after them. */
export function useIngress(kind: StoreKind, options: TestIngressOptions = {}): () => TestIngress {
  let ingress: TestIngress | undefined;
  let drop: () => Promise<void> = () => Promise.resolve();
  before(async () => {
    const stores = await openStores(kind);
    drop = stores.drop;
    ingress = await startIngress(stores.queueUrl, options);
  });
  after(async () => {
    await ingress?.close();
    await drop();
  });
  return () => {
    if (ingress === undefined) throw new Error('the ingress runs during tests only');
    return ingress;
  };
}
