import { expect } from 'chai';
import pg from 'pg';
import {
  batchJobOptions,
  openQueueStore,
  packBody,
  workflowQueueName,
  type BatchJob,
  type QueueStore,
  type WorkflowJob,
} from '../../../packages/shared/src/index.js';
import { describePerson, erasePeople, findPeople } from '../../../packages/worker/src/contact/erase/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { Tombstones } from '../../../packages/worker/src/projection/tombstones.js';
import { createConsumer } from '../../../packages/worker/src/queue/consumer.js';
import { readRequest } from '../../../packages/worker/src/workflow/read-request.js';
import { RequestStore, type RequestOutcome } from '../../../packages/worker/src/workflow/store-requests.js';
import type { WorkflowRequest } from '../../../packages/worker/src/workflow/workflow-request.js';
import { timedId } from '../../support/batch-queue.js';
import { fillDatabase } from '../../support/fill-database.js';
import { tracesOf } from '../../support/find-traces.js';
import { silentLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';

const key = 'a-key-of-tests-that-has-more-than-32-characters';
const [ann, bob] = [4_815_162_342, 7_777_777];
const email = 'Ann.Lovelace@example.com';
const needles = ['4815162342', 'ann.lovelace', 'annabella'];
const json = 'application/json';
const activity = { activityDateTime: '2026-11-01T10:00:00', activityStatus: 'DELIVERED', mediaType: 'email' };

/** In which ways a request may name her. */
const ofAnn: [string, string, string][] = [
  ['by contact', json, JSON.stringify({ contactId: String(ann), name: 'Annabella', workflowInstanceId: 'run-1' })],
  ['by address', json, JSON.stringify({ email: email.toLowerCase(), name: 'Annabella' })],
  ['deep in its JSON', json, JSON.stringify({ order: { buyer: [{ mail: email, name: 'Annabella' }] } })],
  ['in XML', 'application/xml', `<order><buyer mail='${email}'>Annabella</buyer><to>${email}</to></order>`],
  ['in a form', 'application/x-www-form-urlencoded', `email=${encodeURIComponent(email)}&name=Annabella`],
  ['in a text', 'text/plain', `Annabella <${email}> has ordered`],
];
const ofBob = JSON.stringify({ contactId: bob, note: 'is no Ann', email: 'bob@example.com' });

async function jobOf(contentType: string, body: string, query = ''): Promise<WorkflowJob> {
  const bytes = Buffer.from(body);
  const packed = { bytes: bytes.length, body: await packBody(bytes) };
  const [id, receivedAt] = [timedId(), new Date().toISOString()];
  return { id, source: 'main', hook: 'paid', receivedAt, method: 'POST', query, contentType, oncePerRun: false, ...packed };
}

for (const kind of storeKinds)
  describe(`Requests of workflows of an erased person, the queue on ${kind}`, () => {
    let stores: Stores;
    let store: QueueStore;
    let client: pg.Client;
    let database: ReturnType<typeof createDataSource>;
    const outcomes: RequestOutcome[] = [];
    const planned: WorkflowRequest[] = [];
    const closers: (() => Promise<unknown>)[] = [];

    /** Puts requests into the queue, and waits until a worker has stored them. */
    async function bring(...jobs: WorkflowJob[]): Promise<RequestOutcome[]> {
      outcomes.length = 0;
      const queue = await store.openQueue<WorkflowJob>(workflowQueueName);
      for (const job of jobs) await queue.add('request', job, { ...batchJobOptions, jobId: job.id });
      await until('they are stored', () => Promise.resolve(outcomes.length === jobs.length));
      await until('the queue is empty', async () => (await queue.getRanges(['waiting', 'active'])).length === 0);
      await queue.close();
      return [...outcomes].sort();
    }
    const rows = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;

    before(async () => {
      stores = await openStores(kind);
      store = await openQueueStore(stores.queueUrl, () => undefined);
      client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      database = createDataSource(stores.databaseUrl, { name: 'test', poolSize: 3, log: silentLog() });
      await database.initialize();
      const planner = {
        plan: (_: unknown, fresh: readonly WorkflowRequest[]) => Promise.resolve(new Map([['all', planned.push(...fresh)]])),
        recordRefused: () => Promise.resolve(),
        announce: () => undefined,
      };
      const partitions = new PartitionsOnDemand(database);
      const requests = new RequestStore(database, partitions, silentLog(), planner, new Tombstones(key));
      const work = async (job: WorkflowJob) => {
        outcomes.push(...(await requests.store([await readRequest(job)])));
      };
      const consumer = createConsumer({ work, log: silentLog(), signal: new AbortController().signal });
      const worker = await store.openWorker<WorkflowJob>(workflowQueueName, consumer, { concurrency: 4 });
      const ended = worker.run();
      closers.push(async () => {
        await worker.close();
        await ended;
      });
      const sent = [
        { ...activity, iid: '1', contactId: ann, email },
        { ...activity, iid: '2', contactId: bob, email: 'bob@example.com' },
      ];
      await fillDatabase(stores.databaseUrl, [JSON.stringify(sent)]);
    });
    after(async () => {
      for (const close of closers) await close();
      await store.close();
      await database.destroy();
      await client.end();
      await stores.drop();
    });

    const first = ofAnn.map(([, contentType, body]) => jobOf(contentType, body));

    it('that are kept say nothing of whom any more, in no table and no job; those of others stay', async () => {
      const jobs = await Promise.all([...first, jobOf(json, ofBob)]);
      expect(await bring(...jobs)).to.deep.equal(jobs.map(() => 'new'));
      expect(planned).to.have.length(jobs.length);
      const queue = await store.openQueue<BatchJob>('activity-batches');
      const parts = { dataSource: database, sources: { main: { timeZone: 'UTC' } } as never, queue };
      const person = await describePerson(database, 'main', [ann]);
      expect((await findPeople(parts, [person])).workflow_request).to.equal(ofAnn.length);
      const { erased, left } = await erasePeople(parts, [person], { key, who: 'test' });
      await queue.close();
      expect([erased.workflow_request, left.workflow_request]).to.deep.equal([ofAnn.length, 0]);
      expect(await tracesOf(client, stores, needles)).to.deep.equal([]);
      const [bobs] = await rows('select contact_id, body from vidhuk.workflow_request where not erased');
      expect([bobs?.contact_id, String(bobs?.body)]).to.deep.equal([String(bob), ofBob]);
    });

    it('that come late are stored without personal data, counted as erased, and call no action', async () => {
      planned.length = 0;
      const late = await Promise.all([
        ...ofAnn.map(([, type, body]) => jobOf(type, body)),
        jobOf(json, '{}', `contactId=${ann}`),
      ]);
      // The one of a run says the same as before: it is known by its key.
      expect(await bring(...late)).to.deep.equal([...Array<string>(ofAnn.length).fill('erased'), 'repeated']);
      expect(planned).to.deep.equal([]);
      expect(await rows('select count(*)::integer as count from vidhuk.workflow_request where erased')).to.deep.equal([
        { count: 2 * ofAnn.length },
      ]);
      expect(await tracesOf(client, stores, needles)).to.deep.equal([]);
    });

    it('that are tried again by the queue stay as they are', async () => {
      const [again] = await Promise.all([...first.slice(1)]);
      expect(await bring({ ...again!, id: again!.id })).to.deep.equal(['repeated']);
      expect(await tracesOf(client, stores, needles)).to.deep.equal([]);
    });

    it('and nothing comes in without their key', async () => {
      const withoutKey = new RequestStore(database, new PartitionsOnDemand(database), silentLog(), undefined, new Tombstones());
      const request = await readRequest(await jobOf(json, ofBob));
      const refused = await withoutKey.store([request]).then(String, String);
      expect(refused).to.include('ERASE_KEY');
    });
  });
