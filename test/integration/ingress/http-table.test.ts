import { expect } from 'chai';
import { send, sendRaw, type Answer } from '../../support/http.js';
import { startIngress, token, type TestIngress } from '../../support/ingress.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';

const basic = (credentials: string) => ({ Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });
const newToken = 'the-new-token:with-colon';
const oddToken = 'a/b?c#d%2Fї';
/** As `openssl rand -base64` gives them. */
const base64Token = 'Zm9v/YmFy+YmF6cXV1eA==';
const batch = '[{"activityStatus":"READ"}]';

for (const kind of storeKinds)
  describe(`webhook over HTTP, queue on ${kind}`, () => {
    let stores: Stores;
    let ingress: TestIngress;
    let path = '';
    before(async () => {
      stores = await openStores(kind);
      ingress = await startIngress(stores.queueUrl, {
        sources: {
          main: { tokens: [token, newToken], timeZone: 'Europe/Kyiv' },
          second: { tokens: ['other'], timeZone: 'UTC' },
          odd: { tokens: [oddToken, base64Token, 'ключ?1'], timeZone: 'UTC' },
        },
      });
      path = `${ingress.address}/webhooks/esputnik`;
    });
    after(async () => {
      await ingress.close();
      await stores.drop();
    });

    const post = (url: string, headers: Record<string, string> = {}, body = batch): Promise<Answer> =>
      send(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body });
    const waiting = async () => (await ingress.queue.getJobCounts('waiting')).waiting ?? 0;

    it('answers exactly 200 with the body "ok" once the batch is queued', async () => {
      const before = await waiting();
      const { status, body, headers } = await post(ingress.webhook);
      expect([status, body]).to.deep.equal([200, 'ok']);
      expect(headers).to.not.have.property('location');
      expect(await waiting()).to.equal(before + 1);
      const { job } = await ingress.lastJob();
      expect(job).to.include({ source: 'main', timeZone: 'Europe/Kyiv' });
      expect(Date.now() - Date.parse(job.receivedAt)).to.be.within(0, 10_000);
    });

    it('takes the token in the path, as Basic password, or in X-Webhook-Token', async () => {
      expect((await post(`${path}/main/${token}`)).status).to.equal(200);
      expect((await post(`${path}/main`, basic(`anybody:${token}`))).status).to.equal(200);
      expect((await post(`${path}/main`, { 'X-Webhook-Token': token })).status).to.equal(200);
    });

    it('takes both tokens during a rotation, in every way', async () => {
      expect((await post(`${path}/main/${encodeURIComponent(newToken)}`)).status).to.equal(200);
      expect((await post(`${path}/main`, basic(`:${newToken}`))).status).to.equal(200);
      expect((await post(`${path}/main`, { 'X-Webhook-Token': newToken })).status).to.equal(200);
    });

    it('takes a token as it stands behind the URL, with its slashes and question mark', async () => {
      expect((await post(`${path}/odd/${base64Token}`)).status).to.equal(200);
      expect((await post(`${path}/odd/${base64Token}/`)).status).to.equal(200);
      expect((await post(`${path}/odd/ключ?1`)).status).to.equal(200);
      expect((await send(`${path}/odd/${base64Token}`)).status).to.equal(200);
      expect((await post(`${path}/odd/${base64Token}/more`)).status).to.equal(401);
    });

    it('lets in whoever has a token, whatever stands behind a question mark', async () => {
      expect((await post(`${path}/main/${token}?utm=1`)).status).to.equal(200);
      expect((await post(`${path}/main?x=1`, { 'X-Webhook-Token': token })).status).to.equal(200);
      expect((await post(`${path}/main?x=1`, basic(`anybody:${token}`))).status).to.equal(200);
      expect((await send(`${path}/main?x=1`)).status).to.equal(200);
      expect((await post(`${path}/main?${token}`)).status).to.equal(401);
    });

    it('takes a header as UTF-8, as clients send it', async () => {
      const bytes = Buffer.from('ключ?1', 'utf8').toString('latin1');
      // Of a body that is text, Node's client would encode the headers once more.
      const postBytes = (headers: Record<string, string>) =>
        send(`${path}/odd`, { method: 'POST', headers, body: Buffer.from(batch) });
      expect((await postBytes({ 'X-Webhook-Token': bytes })).status).to.equal(200);
      expect((await postBytes({ Authorization: `Bearer ${bytes}` })).status).to.equal(200);
    });

    it('counts and logs what is for no path, a line a second', async () => {
      const lines = () => ingress.captured.lines().filter(({ msg }) => msg === 'a request for a path that does not exist');
      const before = lines().length;
      for (let time = 0; time < 5; time++) expect((await post(`${ingress.address}/webhook/main/${token}`)).status).to.equal(404);
      expect(lines().length - before).to.equal(1);
      expect(JSON.stringify(lines())).not.to.include(token);
    });

    it('takes a token with characters that a URL has to escape', async () => {
      expect((await post(`${path}/odd/${encodeURIComponent(oddToken)}`)).status).to.equal(200);
    });

    it('tells of a source that does not exist to whom has the token of another one only', async () => {
      const stranger = await Promise.all([post(`${path}/nobody/wrong`), post(`${path}/main/wrong`), post(`${path}/nobody`)]);
      expect(new Set(stranger.map(({ status, body }) => `${status} ${body}`))).to.deep.equal(new Set(['401 bad credentials\n']));
      const { status, body } = await post(`${path}/nobody/other`);
      expect([status, body]).to.deep.equal([404, 'no such source\n']);
    });

    it('answers 401 to wrong or missing credentials, and stores nothing', async () => {
      const before = await waiting();
      const attempts = [
        await post(`${path}/main/wrong`),
        await post(`${path}/main/${token}x`),
        await post(`${path}/main`),
        await post(`${path}/main`, basic(`${token}:wrong`)),
        await post(`${path}/main`, { Authorization: `Basic ${token}` }),
        await post(`${path}/main`, { 'X-Webhook-Token': 'wrong' }),
        await post(`${path}/main/other`), // the other source's
        await post(`${path}/second/${token}`),
        await post(`${path}/main/wrong`, { 'X-Webhook-Token': token }), // what stands in the path counts
      ];
      for (const [index, { status, headers }] of attempts.entries()) {
        expect(status, `attempt ${index}`).to.equal(401);
        expect(headers['www-authenticate']).to.match(/^Basic /);
      }
      expect(await waiting()).to.equal(before);
    });

    for (const name of ['nobody', 'constructor', '__proto__', 'toString', 'MAIN', '%00', '%E0%A4%A'])
      it(`answers 404 or 400, and goes on, for the source ${name}`, async () => {
        for (const method of ['POST', 'GET']) {
          const { status } = await send(`${path}/${name}/${token}`, { method, ...(method === 'POST' ? { body: batch } : {}) });
          expect(status, method).to.be.oneOf(name === '%E0%A4%A' ? [400, 404] : [404]);
        }
        expect((await post(ingress.webhook)).status).to.equal(200);
      });

    for (const method of ['GET', 'HEAD']) {
      it(`answers 200 to ${method}, with the token or without one, so that the platform takes the URL`, async () => {
        for (const url of [`${path}/main/${token}`, `${path}/main`]) {
          const { status, body } = await send(url, { method });
          expect([status, body]).to.deep.equal([200, method === 'GET' ? 'ok' : '']);
        }
      });

      it(`answers 404 to ${method} with a wrong token in the path or an unknown source`, async () => {
        for (const url of [`${path}/main/wrong`, `${path}/nobody`, `${path}/nobody/${token}`])
          expect((await send(url, { method })).status, url).to.equal(404);
      });
    }

    it('answers 404 to other paths and 404 or 405 to other methods', async () => {
      for (const url of [`${ingress.address}/`, path, `${path}/main/${token}/more`, `${ingress.address}/queues`])
        expect((await send(url)).status, url).to.equal(404);
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
        expect((await send(ingress.webhook, { method })).status, method).to.be.oneOf([404, 405]);
    });

    it('answers 200 whatever the Content-Type says, and to a body of no bytes', async () => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense', 'application/json; charset=cp1251'])
        expect((await post(ingress.webhook, { 'Content-Type': type })).status, type).to.equal(200);
      expect((await post(ingress.webhook, {}, '')).status).to.equal(200);
      expect(
        await sendRaw(ingress.port, `POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      ).to.match(/^HTTP\/1\.1 200 /);
    });

    it('lets a sender ask first (Expect: 100-continue)', async () => {
      const answer = await sendRaw(
        ingress.port,
        `POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]`,
      );
      expect(answer).to.match(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    });

    it('serves many batches over one connection', async () => {
      const one = `POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n`;
      const answers = await sendRaw(ingress.port, `${one}\r\n[]`.repeat(20) + `${one}Connection: close\r\n\r\n[]`);
      expect(answers.match(/HTTP\/1\.1 200 OK/g)).to.have.length(21);
    });
  });
