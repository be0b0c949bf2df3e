/** Erasing a person: every place, on both queues, and what comes afterwards. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { batchJobOptions, type BatchJob } from '../../../packages/shared/src/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { Tombstones } from '../../../packages/worker/src/projection/tombstones.js';
import { jobOf, openBatchQueue, type BatchQueue } from '../../support/batch-queue.js';
import { tracesOf } from '../../support/find-traces.js';
import { findPgDump, tracesInCopies, tracesInPgDump } from '../../support/find-traces-in-dump.js';
import { silentLog } from '../../support/log-lines.js';
import { rejection, until } from '../../support/poll.js';
import { batchOf } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';
import { startWorker, type TestWorker } from '../../support/worker.js';

const key = 'a-key-of-tests-that-has-more-than-32-characters';
const ann = {
  contactId: 4815162342,
  email: 'Ann.Lovelace@example.com',
  sms: '380951234567',
  externalCustomerId: 'crm-ann-0001',
  firstName: 'Annabella',
  mobilepush: 'token-of-ann-0123456789',
};
const bob = { contactId: 7777777, email: 'bob@example.com', firstName: 'Bobby', big: 0.1 };
/** What nobody may find afterwards. */
const needles = [
  '4815162342',
  'ann.lovelace',
  '380951234567',
  'crm-ann-0001',
  'annabella',
  'token-of-ann',
  'unknown user ann',
  'iid-of-ann',
];

let clock = 0;
const activity = (person: object, status: string, more: object = {}) => ({
  activityDateTime: new Date(Date.UTC(2026, 10, 1, 10, ++clock)).toISOString().slice(0, 19),
  activityStatus: status,
  mediaType: 'email',
  ...person,
  ...more,
});

const sent = [
  activity(ann, 'DELIVERED', { iid: 'iid-of-ann-1' }),
  activity(bob, 'DELIVERED', { iid: 'iid-of-bob-1' }),
  activity(ann, 'UNDELIVERED', {
    iid: 'iid-of-ann-2',
    hardBounce: true,
    statusDescription: '5.1.1 unknown user Ann.Lovelace@example.com',
  }),
  activity(ann, 'CLICKED', {
    iid: 'iid-of-ann-3',
    clickEventLink: 'https://shop.example/?who=ann.lovelace',
    mediaType: 'mobilepush',
  }),
  activity({ email: ann.email }, 'READ', { iid: 'iid-of-ann-4' }), // without a contact
  activity(ann, 'READ', {}), // without an iid
];
const broken = [
  activity(bob, 'DELIVERED', { activityDateTime: 'yesterday' }),
  activity(ann, 'UNSUBSCRIBED', { activityDateTime: 'yesterday' }),
];
const cutOff = JSON.stringify([activity(bob, 'READ'), activity(ann, 'READ')]).slice(0, -12);

for (const kind of storeKinds)
  describe(`vidhuk erase, the queue on ${kind}`, function () {
    this.timeout(120_000);
    let stores: Stores;
    let client: pg.Client;
    let queue: BatchQueue;
    let worker: TestWorker;
    let folder: string;
    /** As the queue keeps the person's finished batches: compressed, so that no needle stands in them. */
    let packed: string;
    const run = (eraseKey: string | undefined, ...args: string[]) =>
      runCli(
        {
          DATABASE_URL: stores.databaseUrl,
          QUEUE_URL: stores.queueUrl,
          VIDHUK_CONFIG: join(folder, 'vidhuk.yaml'),
          ...(eraseKey === undefined ? {} : { ERASE_KEY: eraseKey }),
        },
        ...args,
      );
    const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
      (await client.query<Record<string, unknown>>(sql)).rows;
    const deliver = async (...bodies: (string | readonly unknown[])[]) => {
      await queue.add(bodies);
      await until('the queue is empty', async () => {
        const { waiting, active, delayed } = await queue.counts();
        return [waiting, active, delayed].every((count) => count === 0);
      });
    };

    before(async () => {
      stores = await openStores(kind);
      folder = await mkdtemp(join(tmpdir(), 'vidhuk-erase-'));
      await writeFile(join(folder, 'vidhuk.yaml'), 'sources:\n  main: { tokens: [token-of-tests] }\n');
      client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      queue = await openBatchQueue(stores.queueUrl);
      worker = await startWorker(stores, {}, key);
      await deliver(sent, broken, cutOff, [sent[0], sent[1], activity(ann, 'READ', { iid: 'iid-of-ann-5' })]);
      await client.query(
        `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, last_error, activity, contact, previous)
         select gen_random_uuid(), 'crm', source, activity_key, occurred_at, contact_id, s, 'HTTP 404 for ann.lovelace', $1, $1, $1
         from vidhuk.activity, unnest(array['waiting', 'queued', 'done', 'failed']) as s where contact_id = 4815162342`,
        [JSON.stringify(ann)],
      );
      await client.query(
        `insert into vidhuk.workflow_request (id, source, hook, received_at, method, query, body, contact_id, email)
         values (gen_random_uuid(), 'main', 'hook', now(), 'POST', $1, $2, 4815162342, null),
           (gen_random_uuid(), 'main', 'hook', now(), 'POST', $1, $2, null, $3), (gen_random_uuid(), 'main', 'hook', now(), 'POST', '{}', '', 7777777, null)`,
        [JSON.stringify(ann), Buffer.from(JSON.stringify(ann)), ann.email],
      );
      // As months and bodies that have gone leave them.
      await client.query(
        `insert into vidhuk.contact_floor (source, contact_id, email, email_at, phone, phone_at, external_customer_id, external_customer_id_at)
         values ('main', 4815162342, 'ann.lovelace@older.example', '2020-01-01', '380951234567', '2020-01-01', 'crm-ann-0001', '2020-01-01')`,
      );
      await client.query(
        `insert into vidhuk.contact_channel_floor (source, contact_id, media_type, address, address_at, former_addresses)
         values ('main', 4815162342, 'email', $1, '2020-01-01', '{ann.lovelace@oldest.example}')`,
        [ann.email],
      );
      // Finished batches that a queue keeps, as `queue.keepFinished` has it.
      for (let kept = 1; kept <= 4; kept++) {
        const job = await jobOf([sent[0], sent[1]]);
        packed = job.body;
        await leaveFinished(stores, job, kept);
      }
      await client.query('analyze');
    });
    after(async () => {
      await worker.close();
      await queue.close();
      await client.end();
      await stores.drop();
      await rm(folder, { recursive: true });
    });

    it('says in one sentence that ERASE_KEY is missing', async () => {
      const { code, stderr } = await run(undefined, 'erase', ann.email, '--yes');
      expect([code, stderr.trim().split('\n').length]).to.deep.equal([2, 1]);
      expect(stderr).to.include('ERASE_KEY is not set');
    });
    it('tells what would go, and changes nothing', async () => {
      const before = await rows('select count(*) from vidhuk.activity where contact_id is not null');
      const { code, stdout } = await run(undefined, 'erase', ann.email, '--dry-run');
      expect([code, stdout]).to.satisfy(([code]: [number]) => code === 0);
      expect(stdout)
        .to.match(/^contact_status +1$/m)
        .and.match(/^rejected_activity +2$/m);
      expect(await rows('select count(*) from vidhuk.activity where contact_id is not null')).to.deep.equal(before);
    });

    it('would be found by whoever looks: in tables, jobs, statistics and the bytes of bodies', async () => {
      const found = await tracesOf(client, stores, needles);
      expect(found)
        .to.include('vidhuk.contact_status.email')
        .and.to.satisfy((all: string[]) => all.some((each) => each.includes(' job ')));
      const copied = await tracesInCopies(client, needles);
      expect(copied).to.include.members(['pg_catalog.pg_statistic', 'vidhuk.contact_status', 'vidhuk.rejected_activity']);
      expect(await tracesInCopies(client, ['"firstname":"annabella"'])).to.satisfy((all: string[]) =>
        all.some((each) => each.includes('batch')),
      );
      if (kind === 'postgres') expect(await tracesInCopies(client, [packed])).to.deep.equal(['bullmq.job']);
    });
    it('leaves nothing of the person in any table, column or key, and everything of others', async () => {
      const bobsBodies = await bytesOfBob(client);
      const { code, stdout, stderr } = await run(key, 'erase', ann.email, '--yes');
      expect([code, stderr.includes('Erase all')]).to.deep.equal([0, false]);
      expect(stdout).to.include('A second look found nothing more').and.to.include('write-ahead log');
      expect(await tracesOf(client, stores, needles)).to.deep.equal([]);
      expect(await bytesOfBob(client)).to.deep.equal(bobsBodies);
      expect(await rows('select contact_id from vidhuk.contact_status')).to.deep.equal([{ contact_id: '7777777' }]);
      expect(await rows('select contact_id from vidhuk.workflow_request where not erased')).to.deep.equal([
        { contact_id: '7777777' },
      ]);
    });
    it('leaves nothing in a dump: the rows, the definitions, and the statistics of the planner', async () => {
      expect(await tracesInCopies(client, [...needles, packed])).to.deep.equal([]);
      const pgDump = await findPgDump(client);
      // Without one that is as new as the server, this alone is left out: how pg_dump writes what was just read.
      if (pgDump === undefined) return;
      expect(await tracesInPgDump(pgDump, stores.databaseUrl, ['7777777'])).to.not.deep.equal([]);
      expect(await tracesInPgDump(pgDump, stores.databaseUrl, [...needles, packed])).to.deep.equal([]);
    });
    it('cancels what waits, and keeps what was done as a row', async () => {
      expect(await rows('select distinct state from vidhuk.follow_up order by 1')).to.deep.equal([
        { state: 'cancelled' },
        { state: 'done' },
      ]);
      const { code } = await run(key, 'follow-ups', 'retry', '--all', '--yes');
      expect(code).to.not.equal(0);
      expect(await rows(`select count(*)::integer as count from vidhuk.follow_up where state = 'waiting'`)).to.deep.equal([
        { count: 0 },
      ]);
    });
    it('keeps that something happened, under the same keys: a redelivery is known', async () => {
      const counts = async () => rows('select count(*)::integer as count from vidhuk.activity');
      const before = await counts();
      await deliver(sent);
      expect(await counts()).to.deep.equal(before);
      expect(await tracesOf(client, stores, needles)).to.deep.equal([]);
    });
    it('lets nobody come back by a late webhook, a retry or a broken element; others go on', async () => {
      await deliver(
        [activity(ann, 'DELIVERED', { iid: 'iid-of-ann-9' }), activity(bob, 'READ', { iid: 'iid-of-bob-9' })],
        [activity({ email: ann.email }, 'READ', { iid: 'iid-of-ann-10' })],
        broken,
        cutOff,
      );
      expect(await tracesOf(client, stores, needles)).to.deep.equal([]);
      expect(await rows('select contact_id from vidhuk.contact_status')).to.deep.equal([{ contact_id: '7777777' }]);
      const [late] = await rows(
        'select "new", duplicate, rejected, erased, total from vidhuk.batch where total = 2 and erased > 0 and "new" > 0',
      );
      expect(late).to.deep.equal({ new: 1, duplicate: 0, rejected: 0, erased: 1, total: 2 });
    });
    it('leaves nothing of whom batches bring while it is at work', async () => {
      const eve = { contactId: 616161616, email: 'ann.lovelace@eve.example' };
      const batches = Array.from({ length: 60 }, (_, nth) => [
        { ...activity(eve, 'READ', { iid: `eve-${nth}` }), activityDateTime: `2026-11-02T10:00:${String(nth).padStart(2, '0')}` },
      ]);
      await deliver(batches[0]!);
      const [erased] = await Promise.all([run(key, 'erase', eve.email, '--yes'), queue.add(batches)]);
      await deliver(batches[1]!);
      expect(`${erased.stdout}${erased.stderr}`).to.include('A second look found nothing more');
      expect(await tracesOf(client, stores, [...needles, '616161616'])).to.deep.equal([]);
    });
    it('says who did it, without saying whom', async () => {
      const [act] = await rows('select command, detail from vidhuk.act order by id limit 1');
      expect(act).to.have.property('command', 'erase');
      expect(act?.detail).to.deep.include({ source: 'main', contacts: 1 });
    });
    it('keeps tombstones that name nobody, and takes no other key', async () => {
      expect(await rows(`select distinct kind from vidhuk.erased order by 1`)).to.deep.equal([
        { kind: 'address' },
        { kind: 'contact' },
      ]);
      const { code, stderr } = await run('another-key-of-tests-that-has-32-characters', 'erase', '7777777', '--yes');
      expect([code, stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('is not the one by which'),
      );
    });
    it('without its key nothing is applied any more, rather than a person back', async () => {
      const database = createDataSource(stores.databaseUrl, { name: 'test', poolSize: 1, log: silentLog() });
      await database.initialize();
      const late = batchOf([activity(ann, 'DELIVERED', { iid: 'iid-of-ann-11' })]);
      const refusal = await rejection(applyBatches(database, [late]));
      expect(refusal.message).to.include('ERASE_KEY');
      await applyBatches(database, [late], undefined, undefined, new Tombstones(key));
      expect(await tracesOf(client, stores, needles)).to.deep.equal([]);
      await database.destroy();
    });
    it('leaves bodies from which the very same log and statuses are made again', async () => {
      const { code, stdout } = await run(key, 'rebuild', '--check');
      expect(stdout).to.include('Log and statuses are what the bodies say.');
      expect(code).to.equal(0);
    });
    it('is done again without harm, and for whom nothing is known any more', async () => {
      expect((await run(key, 'erase', '4815162342', '--source', 'main', '--yes')).code).to.equal(0);
      expect((await run(key, 'erase', ann.email, '--yes')).code).to.equal(1);
    });
  });

/** A job that was done and stays in the queue. */
async function leaveFinished(stores: Stores, job: BatchJob, kept: number): Promise<void> {
  const queue = await openBatchQueue(stores.queueUrl);
  await queue.queue.add('batch', job, { ...batchJobOptions, jobId: job.id, removeOnComplete: false });
  await until('it is done', async () => (await queue.counts()).completed === kept);
  await queue.close();
}

/** Bodies as they are, without the elements of others than Bob. */
async function bytesOfBob(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ body: Buffer }>('select body from vidhuk.batch where body is not null order by id');
  return rows.flatMap(({ body }) => body.toString().match(/\{[^{}]*"Bobby"[^{}]*\}/g) ?? []);
}
