import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { batchQueueName } from '../../../packages/shared/src/index.js';
import { send } from '../../support/http.js';
import { adminToken, usePipeline } from '../../support/pipeline.js';
import { until } from '../../support/poll.js';
import { type Service } from '../../support/processes.js';
import { parseSamples } from '../../support/prometheus.js';
import { sendRedis, storeKinds } from '../../support/stores.js';

interface QueuesAnswer {
  queues: { name: string; counts: Record<string, number> }[];
}

const bearer = { Authorization: `Bearer ${adminToken}` };
const samplesOf = async (service: Service) =>
  parseSamples((await send(`${await service.address()}/metrics`, { headers: bearer })).body);

for (const kind of storeKinds)
  describe(`watching both processes, queue on ${kind}`, function () {
    this.timeout(120_000);
    const pipeline = usePipeline(kind);

    const element = (iid: string, status = 'READ') => ({
      activityStatus: status,
      activityDateTime: new Date().toISOString().slice(0, 19),
      iid,
      contactId: 1,
    });

    describe('metrics and logs', () => {
      it('count what went through: batches, bytes, answers, activities by outcome and by status, and time', async () => {
        const { ingress, worker } = pipeline();
        const before = { ...(await samplesOf(ingress)), ...(await samplesOf(worker)) };
        const twice = element('b', 'SPAM');
        const first = JSON.stringify([element('a'), twice, element('c', 'Teleported'), { broken: true }]);
        const second = JSON.stringify([twice, element('d', 'OPENED')]);
        await pipeline().deliver(first);
        await pipeline().deliver(second);
        const batches = 'vidhuk_batches_processed_total{source="main"}';
        // A batch is written a moment before it is counted.
        await until('both are counted', async () => (await samplesOf(worker))[batches] === (before[batches] ?? 0) + 2);
        const after = { ...(await samplesOf(ingress)), ...(await samplesOf(worker)) };
        const moved = (name: string) => (after[name] ?? Number.NaN) - (before[name] ?? 0);
        const expected = {
          'vidhuk_batches_received_total{source="main"}': 2,
          'vidhuk_batch_bytes_received_total{source="main"}': first.length + second.length,
          'vidhuk_http_answers_total{code="200"}': 2,
          vidhuk_http_answer_seconds_count: 2,
          [batches]: 2,
          'vidhuk_activities_total{source="main",outcome="new"}': 4,
          'vidhuk_activities_total{source="main",outcome="duplicate"}': 1,
          'vidhuk_activities_total{source="main",outcome="rejected"}': 1,
          'vidhuk_activities_by_status_total{source="main",status="SPAM"}': 2,
          'vidhuk_activities_by_status_total{source="main",status="READ"}': 2,
          'vidhuk_activities_by_status_total{source="main",status="OTHER"}': 1,
          vidhuk_batch_seconds_count: 2,
          vidhuk_transaction_seconds_count: 2,
        };
        expect(Object.fromEntries(Object.keys(expected).map((name) => [name, moved(name)]))).to.deep.equal(expected);
      });

      it('tell how long the queue is, how old its oldest batch is, and how far the feed lags', async () => {
        await pipeline().deliver(JSON.stringify([element('lag')]));
        const states = ['waiting', 'active', 'delayed', 'failed'];
        // The batch is written a moment before its job is finished.
        const samples = await until('the queue is empty', async () => {
          const found = await samplesOf(pipeline().worker);
          return states.every((state) => found[`vidhuk_queue_batches{state="${state}"}`] === 0) && found;
        });
        expect(samples.vidhuk_queue_oldest_waiting_seconds).to.equal(0);
        expect(samples.vidhuk_feed_lag_seconds).to.be.within(0, 30);
        expect(samples.vidhuk_batch_retries_total).to.equal(0);
        for (const service of [pipeline().ingress, pipeline().worker])
          expect((await samplesOf(service)).process_resident_memory_bytes).to.be.greaterThan(0);
      });

      it('tell when each source last brought a batch: a feed that stands still makes no other sign', async () => {
        const last = async () =>
          (await samplesOf(pipeline().ingress))['vidhuk_last_batch_stored_timestamp_seconds{source="main"}'];
        const from = Date.now() / 1000;
        await pipeline().deliver(JSON.stringify([element('stall')]));
        const stored = await last();
        expect(stored).to.be.within(from, Date.now() / 1000);
        await send(`${await pipeline().webhook()}x`, { method: 'POST', body: '[]' }); // not the sender
        expect(await last()).to.equal(stored);
      });

      it('stay bounded: the queue’s store keeps nothing of a batch that is done', async () => {
        const { stores, query } = pipeline();
        const jobs = async () =>
          kind === 'redis'
            ? Number((await sendRedis(stores.queueUrl, 'DBSIZE')).slice(1))
            : (await query<{ count: number }>('select count(*)::integer as count from bullmq.job'))[0]?.count;
        await pipeline().deliver(JSON.stringify([element('first')]));
        const rest = await until('it is done', async () => {
          const before = await jobs();
          await sleep(200);
          return before === (await jobs()) && { jobs: before };
        });
        for (let count = 0; count < 10; count++) await pipeline().deliver(JSON.stringify([element(`kept ${count}`)]));
        await until('nothing is kept', async () => (await jobs()) === rest.jobs);
      });

      it('log one line per batch in each process, under the same id', async () => {
        const linesOf = (service: Service, msg: string) => service.lines().filter((line) => line.msg === msg);
        const before = pipeline().worker.lines().length;
        const { batch } = await pipeline().deliver(JSON.stringify([element('line'), 1]));
        expect(linesOf(pipeline().ingress, 'batch stored').filter(({ batchId }) => batchId === batch.id)).to.have.length(1);
        const doneLines = () => linesOf(pipeline().worker, 'batch done').filter(({ batchId }) => batchId === batch.id);
        // The batch is written a moment before its line.
        await until('the batch has its line', () => doneLines().length > 0);
        const [done, ...more] = doneLines();
        expect(more).to.deep.equal([]);
        expect(done).to.include({ level: 30, name: 'worker', source: 'main', total: 2, new: 1, duplicate: 0, rejected: 1 });
        expect(done?.ms).to.be.a('number');
        expect(done?.sinceReceiptMs).to.be.a('number');
        expect(pipeline().worker.lines().length).to.equal(before + 1);
      });

      it('are for the holder of the admin token only; health is for everybody', async () => {
        const address = await pipeline().worker.address();
        for (const path of ['/metrics', '/queues', '/queues/api/queues', '/anything']) {
          for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Authorization: 'Basic Og==' }]) {
            const { status, headers: answered } = await send(`${address}${path}`, { headers });
            expect(status, path).to.equal(401);
            expect(answered['www-authenticate']).to.match(/^Basic /);
          }
        }
        const basic = { Authorization: `Basic ${Buffer.from(`admin:${adminToken}`).toString('base64')}` };
        expect((await send(`${address}/metrics`, { headers: basic })).status).to.equal(200);
        expect((await send(`${address}/health/live`)).status).to.equal(200);
        const ready = await send(`${address}/health/ready`);
        expect(ready.status).to.equal(200);
        expect(JSON.parse(ready.body)).to.deep.equal({ status: 'ok', checks: { database: 'ok', queue: 'ok', progress: 'ok' } });
      });
    });

    describe('the queue dashboard', () => {
      const get = async (path: string, headers: Record<string, string> = { Authorization: `Bearer ${adminToken}` }) =>
        send(`${await pipeline().worker.address()}${path}`, { headers });

      it('is closed without the token: page, API and files', async () => {
        for (const path of ['/queues', '/queues/', '/queues/api/queues', '/queues/static/js/main.js'])
          expect((await get(path, {})).status, path).to.equal(401);
      });

      it('loads with the token, and with everything that the page asks for', async () => {
        const page = await get('/queues');
        expect(page.status).to.equal(200);
        expect(page.headers['content-type']).to.include('text/html');
        const base = /<base href="([^"]+)"/.exec(page.body)?.[1] ?? '/queues/';
        const files = [...page.body.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, file]) => file ?? '');
        expect(files.length).to.be.greaterThan(0);
        for (const file of files) {
          const { pathname } = new URL(file, `http://x${base}`);
          expect((await get(pathname)).status, pathname).to.equal(200);
        }
      });

      it('shows the queue of batches with its counts', async () => {
        await pipeline().deliver('[]');
        const counts = async () => {
          const { status, body } = await get('/queues/api/queues?activeQueue=&status=latest&page=1&jobsPerPage=10');
          expect(status, body).to.equal(200);
          return (JSON.parse(body) as QueuesAnswer).queues.find(({ name }) => name === batchQueueName)?.counts;
        };
        // The batch is written a moment before its job is finished.
        await until('its last job is finished', async () => (await counts())?.active === 0);
        expect(await counts()).to.include({ waiting: 0, active: 0, failed: 0 });
      });

      it('shows the jobs of every state', async () => {
        for (const state of ['latest', 'waiting', 'active', 'delayed', 'failed', 'completed']) {
          const { status, body } = await get(
            `/queues/api/queues?activeQueue=${batchQueueName}&status=${state}&page=1&jobsPerPage=10`,
          );
          expect(status, `${state}: ${body}`).to.equal(200);
        }
      });
    });
  });
