import { expect } from 'chai';
import { send, type Answer } from '../../support/http.js';
import { token, useIngress } from '../../support/ingress.js';
import { storeKinds } from '../../support/stores.js';

const basic = (credentials: string) => ({ Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });
const oddToken = 'a+b/c==';
const hooks = { 'order-paid': { once: [] }, 'once-a-run': { once: ['workflowInstanceId' as const] } };

for (const kind of storeKinds)
  describe(`a request of the workflow block, queue on ${kind}`, () => {
    const ingress = useIngress(kind, {
      sources: {
        main: { tokens: [token], timeZone: 'UTC', workflows: hooks },
        odd: { tokens: [oddToken], timeZone: 'UTC', workflows: hooks },
        bare: { tokens: ['other'], timeZone: 'UTC' },
      },
      limits: { maxBodyBytes: 10_000 },
    });
    const at = (path: string) => `${ingress().address}/workflows/esputnik/${path}`;
    const post = (path: string, headers: Record<string, string> = {}, body: string | Buffer = '{"a":1}'): Promise<Answer> =>
      send(at(path), { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body });
    const waiting = async () => (await ingress().workflowQueue.getJobCounts('waiting')).waiting ?? 0;

    it('is answered with 200 and its id in JSON once it is queued, as it was received', async () => {
      const bytes = Buffer.from([0xff, 0x00, 0x7b]);
      const { status, body, headers } = await post('main/order-paid', { 'X-Webhook-Token': token, 'Content-Type': 'x/y' }, bytes);
      expect(status).to.equal(200);
      expect(headers['content-type']).to.match(/^application\/json/);
      const { job, body: stored } = await ingress().lastRequest();
      expect(JSON.parse(body)).to.deep.equal({ ok: true, id: job.id });
      expect(job).to.include({
        source: 'main',
        hook: 'order-paid',
        method: 'POST',
        query: '',
        contentType: 'x/y',
        oncePerRun: false,
      });
      expect(stored).to.deep.equal(bytes);
    });

    it('may be a GET, whose query is kept as it was sent', async () => {
      const answer = await send(at('main/once-a-run?email=a%2Bb%40c.d&x=%00&x=2'), { headers: basic(`any:${token}`) });
      expect(answer.status).to.equal(200);
      const { job, body } = await ingress().lastRequest();
      expect(job).to.include({ method: 'GET', query: 'email=a%2Bb%40c.d&x=%00&x=2', oncePerRun: true, contentType: null });
      expect(body).to.have.length(0);
    });

    it('takes the token as batches do, and in the query, where it is neither stored nor logged', async () => {
      for (const given of [
        post(`main/order-paid/${token}?x=1`),
        post('main/order-paid?x=1', { 'X-Webhook-Token': token }),
        post('main/order-paid?x=1', basic(`any:${token}`)),
        post('main/order-paid?x=1', { Authorization: `Bearer ${token}` }),
        post(`main/order-paid?token=${token}&x=1`),
        post(`main/order-paid?x=1&tok%65n=${token}&token=again`),
      ]) {
        expect((await given).status).to.equal(200);
        expect((await ingress().lastRequest()).job.query).to.equal('x=1');
      }
      for (const given of [
        post(`odd/order-paid?token=${oddToken}`),
        post(`odd/order-paid?token=${encodeURIComponent(oddToken)}`),
      ]) {
        expect((await given).status).to.equal(200);
        expect((await ingress().lastRequest()).job.query).to.equal('');
      }
      expect(JSON.stringify(ingress().captured.lines())).not.to.include(token).and.not.to.include(oddToken);
    });

    it('with a wrong token or none is answered with 401, whether source and hook exist or not, and stores nothing', async () => {
      const before = await waiting();
      const answers = await Promise.all([
        post('main/order-paid'),
        post('main/order-paid/wrong'),
        post('main/order-paid?token=wrong'),
        post(`main/order-paid/wrong?token=${token}`), // what stands in the path counts
        post('main/order-paid', { 'X-Webhook-Token': 'other' }), // the other source's
        post('main/no-such-hook'),
        post('nobody/order-paid'),
        post('constructor/constructor/wrong'),
        send(at('main/order-paid')),
        send(at('nobody/order-paid?token=wrong')),
        send(at('main/order-paid'), { method: 'HEAD' }),
      ]);
      expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 401));
      expect(new Set(answers.slice(0, -1).map(({ body }) => body)).size).to.equal(1);
      for (const { headers } of answers) expect(headers['www-authenticate']).to.match(/^Basic /);
      expect(await waiting()).to.equal(before);
    });

    it('with a good token, but for a hook or a source that does not exist, is answered with 404', async () => {
      for (const path of ['main/no-such-hook', 'main/constructor', 'main/__proto__', 'nobody/order-paid', '__proto__/order-paid'])
        expect((await post(path, { 'X-Webhook-Token': token })).status, path).to.equal(404);
      expect((await post('bare/order-paid/other')).status).to.equal(404);
    });

    it('that is too large is answered with 413, and one that is cut off with 400', async () => {
      expect((await post(`main/order-paid/${token}`, {}, 'x'.repeat(10_001))).status).to.equal(413);
      expect((await post(`main/order-paid/${token}`, {}, 'x'.repeat(10_000))).status).to.equal(200);
    });

    it('as a HEAD tells whether the credentials are right, and stores nothing', async () => {
      const before = await waiting();
      expect((await send(at(`main/order-paid/${token}`), { method: 'HEAD' })).status).to.equal(200);
      expect(await waiting()).to.equal(before);
    });

    it('is counted by hook', async () => {
      const { body } = await send(`${ingress().address}/metrics`, { headers: { Authorization: 'Bearer admin-token' } });
      expect(body).to.match(/vidhuk_workflow_requests_received_total\{source="main",hook="order-paid"\} \d+/);
    });
  });

describe('a request of the workflow block while its store is away', () => {
  const ingress = useIngress('redis', {
    sources: { main: { tokens: [token], timeZone: 'UTC', workflows: hooks } },
    limits: { enqueueTimeoutMs: 300 },
  });

  it('is answered with 503 in JSON', async () => {
    await ingress().workflowQueue.close();
    await ingress().store.close();
    const url = `${ingress().address}/workflows/esputnik/main/order-paid/${token}`;
    const { status, body, headers } = await send(url, { method: 'POST', body: '{}' });
    expect(status).to.equal(503);
    expect(headers['retry-after']).to.equal('10');
    expect(JSON.parse(body)).to.deep.equal({ ok: false, error: 'nothing was stored, please repeat' });
  });
});
