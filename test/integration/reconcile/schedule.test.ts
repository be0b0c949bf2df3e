import { expect } from 'chai';
import pg from 'pg';
import { openBatchQueue } from '../../support/batch-queue.js';
import { startActivityApi, type ActivityApi } from '../../support/platform/activity-api.js';
import { sourceOf } from '../../support/platform/source-of.js';
import { isTold, makeTruth } from '../../support/platform/truth.js';
import { until } from '../../support/poll.js';
import { endServices, startService } from '../../support/processes.js';
import { parseSamples } from '../../support/prometheus.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';

const dayMs = 86_400_000;
/** Of yesterday: what is asked for by itself ends some minutes ago. */
const from = new Date(Math.floor((Date.now() - dayMs) / 1_000) * 1_000);
const truth = makeTruth({ seed: 31, activities: 400, days: 0.5, from }).filter(({ iid }) => iid !== undefined);
const lost = truth.filter((activity, nth) => isTold(activity) && nth % 30 === 7);
const pushed = truth.filter((activity) => !lost.includes(activity));

for (const kind of storeKinds) {
  describe(`Reconciling by itself, with the queue on ${kind}`, function () {
    this.timeout(120_000);
    let stores: Stores;
    let client: pg.Client;
    let api: ActivityApi;
    const configuration = (reconcile: string) =>
      `queue: { allowVolatile: true, lockMs: 2000 }\nsources: { main: ${sourceOf({ api, reconcile })} }\n`;
    const runs = async () =>
      (
        await client.query<{ state: string; scheduled: boolean; period_from: Date; period_to: Date }>(
          'select state, scheduled, period_from, period_to from vidhuk.reconcile_run order by id',
        )
      ).rows;

    beforeEach(async () => {
      stores = await openStores(kind);
      api = await startActivityApi(truth);
      client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      const queue = await openBatchQueue(stores.queueUrl);
      await queue.add([pushed]);
      await queue.close();
    });
    afterEach(async () => {
      await endServices();
      await client.end();
      await api.close();
      await stores.drop();
    });

    it('happens at the start and every so often, by one of the workers, and shows in the metrics', async () => {
      const settings = { ...stores, config: configuration('1m'), adminToken: 'admin-token-of-tests' };
      const workers = await Promise.all([startService('worker', settings), startService('worker', settings)]);
      await until('a run is complete', async () => (await runs()).some(({ state }) => state === 'complete'), {
        timeoutMs: 60_000,
      });
      const { rows } = await client.query<{ count: string }>('select count(*) from vidhuk.activity');
      expect(Number(rows[0]?.count)).to.equal(truth.length);
      const [first, ...others] = await runs();
      expect(first).to.include({ scheduled: true, state: 'complete' });
      expect((first?.period_to.getTime() ?? 0) - (first?.period_from.getTime() ?? 0)).to.equal(2 * dayMs);
      expect(others).to.have.length.lessThan(2);
      const [worker] = workers;
      const metrics = await fetch(`${await worker.address()}/metrics`, {
        headers: { authorization: 'Bearer admin-token-of-tests' },
      });
      const samples = parseSamples(await metrics.text());
      expect(samples['vidhuk_drift_activities{source="main",kind="added"}']).to.be.a('number');
      expect(samples['vidhuk_drift_activities{source="main",kind="missing"}']).to.equal(0);
    });

    it('goes on with a run whose worker was killed', async () => {
      const start = new Date(Date.now() - 1.5 * dayMs).toISOString().slice(0, 19);
      api.silence(start, new Date().toISOString().slice(0, 19));
      const settings = { ...stores, config: configuration('6h') };
      const first = await startService('worker', settings);
      await until('a run is at work', async () => (await runs()).length === 1 && api.requests.length > 2, { timeoutMs: 60_000 });
      first.signal('SIGKILL');
      await first.exited;
      expect(await runs()).to.have.length(1);
      api.silence('', '');
      await startService('worker', settings);
      await until('the run is complete', async () => (await runs())[0]?.state === 'complete', { timeoutMs: 90_000 });
      expect(await runs()).to.have.length(1);
      const { rows } = await client.query<{ count: string }>('select count(*) from vidhuk.activity');
      expect(Number(rows[0]?.count)).to.equal(truth.length);
    });
  });
}
