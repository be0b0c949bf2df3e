/** The whole pipeline as it runs in production: an ingress process, a queue, a worker process and a database, from HTTP to rows. */
import { expect } from 'chai';
import pg from 'pg';
import { send } from './http.js';
import { until } from './poll.js';
import { endServices, startService, type Service } from './processes.js';
import { openStores, type StoreKind, type Stores } from './stores.js';

interface BatchRow {
  id: string;
  source: string;
  bytes: number;
  total: number;
  new: number;
  duplicate: number;
  rejected: number;
}

interface RejectionRow {
  position: number;
  reason: string;
  detail: string;
  raw: string;
  raw_bytes: number;
}

interface ActivityRow {
  position: number;
  status: string;
  media_type: string;
  occurred_at: Date;
  contact_id: string | null;
  iid: string | null;
  [column: string]: unknown;
}

export interface Outcome {
  batch: BatchRow;
  /** Those that this batch brought, by position. */
  activities: ActivityRow[];
  rejections: RejectionRow[];
  /** As the batch keeps it, if it does. */
  storedBody: () => Promise<Buffer | null>;
}

export interface Pipeline {
  stores: Stores;
  ingress: Service;
  worker: Service;
  database: pg.Pool;
  /** Posts a body, expects 200, and waits until the worker has written it. One at a time. */
  deliver: (body: string | Buffer, options?: { source?: string; headers?: Record<string, string> }) => Promise<Outcome>;
  /** URL of the webhook with its token. */
  webhook: (source?: string) => Promise<string>;
  /** URL of a hook for workflows of `main`, with its token. */
  hook: (name: string) => Promise<string>;
  query: <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;
  close: () => Promise<void>;
}

export const adminToken = 'admin-token-of-tests';
export const sourceToken = 'token-of-tests';

const usualConfiguration = `
sources:
  main:
    tokens: [${sourceToken}]
    workflows: { order-paid: {}, once: { once: [workflowInstanceId] }, may-we-write: { answer: contact } }
  kyiv: { tokens: [${sourceToken}], timeZone: Europe/Kyiv }
queue: { allowVolatile: true, keepFinished: off } # where there is no redis-server, tests run with one that has no files
ingress: { drainMs: 0 }
`;

export async function startPipeline(kind: StoreKind, configuration = ''): Promise<Pipeline> {
  const stores = await openStores(kind);
  const settings = { ...stores, config: usualConfiguration + configuration, adminToken };
  const [ingress, worker] = await Promise.all([startService('ingress', settings), startService('worker', settings)]);
  const database = new pg.Pool({ connectionString: stores.databaseUrl, max: 2 });
  await Promise.all([ingress.address(), worker.address()]);
  const query = async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
    (await database.query<Row>(sql, values)).rows;
  const webhook = async (source = 'main') => `${await ingress.address()}/webhooks/esputnik/${source}/${sourceToken}`;
  const hook = async (name: string) => `${await ingress.address()}/workflows/esputnik/main/${name}/${sourceToken}`;
  let last = '00000000-0000-0000-0000-000000000000';
  return {
    stores,
    ingress,
    worker,
    database,
    webhook,
    hook,
    query,
    async deliver(body, { source, headers = {} } = {}) {
      const { status } = await send(await webhook(source), { method: 'POST', headers, body });
      expect(status).to.equal(200);
      // Ids of one ingress ascend.
      const newer = `
        select id, source, bytes, total, "new", duplicate, rejected from vidhuk.batch where id > $1 order by id desc limit 1`;
      const batch = await until('the batch is written', async () => (await query<BatchRow>(newer, [last]))[0], {
        timeoutMs: 60_000,
      });
      last = batch.id;
      const [activities, rejections] = await Promise.all([
        query<ActivityRow>('select * from vidhuk.activity where batch_id = $1 order by position', [batch.id]),
        query<RejectionRow>('select * from vidhuk.rejected_activity where batch_id = $1 order by position', [batch.id]),
      ]);
      expect(batch.new + batch.duplicate + batch.rejected, 'new + duplicate + rejected').to.equal(batch.total);
      expect(activities).to.have.length(batch.new);
      expect(rejections).to.have.length(batch.rejected);
      const storedBody = async () =>
        (await query<{ body: Buffer | null }>('select body from vidhuk.batch where id = $1', [batch.id]))[0]?.body ?? null;
      return { batch, activities, rejections, storedBody };
    },
    async close() {
      expect(await Promise.all([ingress.stop(), worker.stop()])).to.deep.equal([0, 0]);
      await database.end();
      await stores.drop();
    },
  };
}

/** For the head of a `describe`: gives the pipeline to its tests, and ends it after them, whatever failed. */
export function usePipeline(kind: StoreKind, configuration = ''): () => Pipeline {
  let pipeline: Pipeline | undefined;
  before(async () => {
    pipeline = await startPipeline(kind, configuration);
  });
  after(async () => {
    try {
      await pipeline?.close();
    } finally {
      await endServices();
    }
  });
  return () => {
    if (pipeline === undefined) throw new Error('the pipeline runs during tests only');
    return pipeline;
  };
}
