import { expect } from 'chai';
import { send } from '../../support/http.js';
import { adminToken, usePipeline } from '../../support/pipeline.js';
import { until } from '../../support/poll.js';
import { parseSamples } from '../../support/prometheus.js';
import { runCli } from '../../support/run-cli.js';
import { storeKinds } from '../../support/stores.js';

const headers = { Authorization: `Bearer ${adminToken}` };

for (const kind of storeKinds)
  describe(`a queue that a person paused on the dashboard, queue on ${kind}`, function () {
    this.timeout(120_000);
    const pipeline = usePipeline(kind, 'worker: { stuckAfterMs: 1000 }\n');

    const press = async (button: 'pause' | 'resume') => {
      const url = `${await pipeline().worker.address()}/queues/api/queues/activity-batches/${button}`;
      expect((await send(url, { method: 'PUT', headers })).status).to.equal(200);
    };
    const samples = async () => parseSamples((await send(`${await pipeline().worker.address()}/metrics`, { headers })).body);
    const told = (text: string) =>
      pipeline()
        .worker.lines()
        .filter(({ msg }) => String(msg).includes(text));

    it('keeps its batches, which metrics show; its worker stays, ready, and says once why nothing moves', async () => {
      await press('pause');
      for (let count = 0; count < 2; count++)
        expect((await send(await pipeline().webhook(), { method: 'POST', body: '[]' })).status).to.equal(200);
      // Over twice `stuckAfterMs`: it would be ended by now if it were taken for dead.
      const late = await until('the batches have waited for long', async () => {
        const found = await samples();
        return Number(found.vidhuk_queue_oldest_waiting_seconds) > 4 && found;
      });
      expect(late).to.include({ 'vidhuk_queue_batches{state="waiting"}': 2, 'vidhuk_queue_batches{state="active"}': 0 });
      expect((await send(`${await pipeline().worker.address()}/health/ready`)).status).to.equal(200);
      expect(told('it is paused')).to.have.length(1);
    });

    it('is a warning of "vidhuk doctor", which says what to do', async () => {
      const { databaseUrl, queueUrl } = pipeline().stores;
      const { json } = await runCli({ DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl }, 'doctor', '--json');
      const finding = (json() as { check: string; text: string; remedy: string }[]).find(({ check }) => check === 'queue');
      expect(finding).to.include({ level: 'warning' });
      expect(finding?.text).to.match(/^paused: 2 waiting/);
      expect(finding?.remedy).to.include('resumed').and.to.include('/queues');
    });

    it('goes on when it is resumed, with the same worker', async () => {
      await press('resume');
      await until('all batches are written', async () => {
        const [row] = await pipeline().query<{ count: string }>('select count(*) from vidhuk.batch');
        return row?.count === '2';
      });
      await until('it says so', () => told('is resumed').length === 1);
    });
  });
