import { expect } from 'chai';
import { send, sendRaw } from '../../support/http.js';
import { startIngress, type TestIngress } from '../../support/ingress.js';
import { openStores, type Stores } from '../../support/stores.js';

const secret = 'hush-Sesame%41';
const wrong = 'guessed-hush-Sesame';
const admin = 'admin-hush';

describe('secrets of the ingress', () => {
  let stores: Stores;
  let ingress: TestIngress;
  before(async () => {
    stores = await openStores('postgres');
    ingress = await startIngress(stores.queueUrl, {
      sources: { main: { tokens: [secret], timeZone: 'UTC' } },
      limits: { maxBodyBytes: 100 },
      adminToken: admin,
    });
  });
  after(async () => {
    await ingress.close();
  });

  it('stand in no log line, no answer and no metric, whatever goes wrong', async () => {
    const path = '/webhooks/esputnik/main';
    const escaped = encodeURIComponent(secret);
    const basic = { Authorization: `Basic ${Buffer.from(`u:${secret}`).toString('base64')}` };
    const post = (url: string, headers: Record<string, string> = {}, body = '[]') =>
      send(`${ingress.address}${url}`, { method: 'POST', headers, body });
    const answers = [
      await post(`${path}/${escaped}`),
      await post(path, { 'X-Webhook-Token': secret }),
      await post(path, basic),
      await post(`${path}/${wrong}`),
      await post(`${path}/${escaped}/more`),
      await post(`/webhooks/esputnik/nobody/${escaped}`),
      await post(`${path}/${escaped}`, {}, 'x'.repeat(1_000)),
      await post(`${path}/${escaped}`, { 'Content-Encoding': 'br' }),
      await post(`${path}/${escaped}`, { 'Content-Encoding': 'gzip' }),
      await post(`${path}/%E0%A4%A${escaped}`),
      await send(`${ingress.address}${path}/${escaped}?token=${escaped}`),
      await send(`${ingress.address}${path}/${wrong}`),
      await send(`${ingress.address}/metrics`, { headers: { Authorization: `Bearer ${wrong}` } }),
      await send(`${ingress.address}/metrics`, { headers: { Authorization: `Bearer ${admin}` } }),
    ].map(({ headers, body }) => JSON.stringify(headers) + body);
    // A body cut off, and a request that is no HTTP.
    answers.push(
      await sendRaw(ingress.port, `POST ${path}/${escaped} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n[`, { end: true }),
      await sendRaw(ingress.port, `POST ${path}/${escaped} HTTP/9\r\n\r\n`),
    );
    // The queue away.
    await stores.drop();
    const unstored = await post(`${path}/${escaped}`);
    expect(unstored.status).to.equal(503);
    answers.push(JSON.stringify(unstored));

    const everything = `${ingress.captured.text()}\n${answers.join('\n')}`;
    expect(ingress.captured.lines().length).to.be.greaterThan(10);
    for (const trace of ['hush', 'Sesame', escaped, basic.Authorization.slice('Basic '.length)])
      expect(everything.includes(trace), `"${trace}" can be read`).to.be.false;
  });
});
