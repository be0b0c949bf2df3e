import { expect } from 'chai';
import { send } from '../../support/http.js';
import { startIngress, useIngress } from '../../support/ingress.js';
import { parseSamples } from '../../support/prometheus.js';
import { openStores, storeKinds } from '../../support/stores.js';

const bearer = { Authorization: 'Bearer admin-token' };

for (const kind of storeKinds)
  describe(`health and metrics of the ingress, queue on ${kind}`, () => {
    const ingress = useIngress(kind);

    it('is alive and ready, and says of what', async () => {
      expect(await get('/health/live')).to.include({ status: 200, body: '{"status":"ok"}' });
      const ready = await get('/health/ready');
      expect(ready.status).to.equal(200);
      expect(JSON.parse(ready.body)).to.deep.equal({ status: 'ok', checks: { queue: 'ok', room: 'ok' } });
      expect(ready.headers['content-type']).to.include('application/json');
    });

    it('shows metrics to the holder of the admin token only', async () => {
      expect((await get('/metrics')).status).to.equal(404);
      expect((await get('/metrics', { Authorization: 'Bearer wrong' })).status).to.equal(404);
      expect((await get('/metrics', { 'X-Webhook-Token': 'admin-token' })).status).to.equal(404);
      const { status, headers } = await get('/metrics', bearer);
      expect(status).to.equal(200);
      expect(headers['content-type']).to.match(/^text\/plain; version=/);
      const basic = { Authorization: `Basic ${Buffer.from('any:admin-token').toString('base64')}` };
      expect((await get('/metrics', basic)).status).to.equal(200);
    });

    it('counts batches, their bytes and the answers', async () => {
      const before = await samples();
      for (let count = 0; count < 3; count++) await send(ingress().webhook, { method: 'POST', body: '[1,2,3]' });
      await send(`${ingress().webhook}x`, { method: 'POST', body: '[]' });
      const after = await samples();
      const moved = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
      expect(moved('vidhuk_batches_received_total{source="main"}')).to.equal(3);
      expect(moved('vidhuk_batch_bytes_received_total{source="main"}')).to.equal(21);
      expect(moved('vidhuk_http_answers_total{code="200"}')).to.equal(3);
      expect(moved('vidhuk_http_answers_total{code="401"}')).to.equal(1);
      expect(moved('vidhuk_http_answer_seconds_count')).to.equal(4);
      expect(after.vidhuk_bytes_in_flight).to.equal(0);
    });

    const get = (path: string, headers: Record<string, string> = {}) => send(`${ingress().address}${path}`, { headers });
    const samples = async () => parseSamples((await get('/metrics', bearer)).body);
  });

describe('an ingress whose admin token is not ASCII', () => {
  const adminToken = 'ключ-від-адмінки-1';
  const ingress = useIngress('postgres', { adminToken });

  it('knows it in the header, as clients send it: as UTF-8', async () => {
    const bytes = Buffer.from(`Bearer ${adminToken}`, 'utf8').toString('latin1');
    const { status } = await send(`${ingress().address}/metrics`, { headers: { Authorization: bytes } });
    expect(status).to.equal(200);
  });
});

describe('an ingress without an admin token', () => {
  it('has no metrics for anybody', async () => {
    const stores = await openStores('postgres');
    const ingress = await startIngress(stores.queueUrl, { adminToken: undefined });
    try {
      for (const authorization of ['Bearer undefined', 'Bearer ', 'Bearer admin-token', 'Basic Og=='])
        expect((await send(`${ingress.address}/metrics`, { headers: { Authorization: authorization } })).status).to.equal(404);
    } finally {
      await ingress.close();
      await stores.drop();
    }
  });
});
