import { expect } from 'chai';
import { send, sendRaw } from '../../support/http.js';
import { token, useIngress } from '../../support/ingress.js';
import { until } from '../../support/poll.js';

describe('What the ingress refuses', () => {
  const current = useIngress('redis', { limits: { maxBodyBytes: 1_024 }, headersTimeoutMs: 200, requestTimeoutMs: 400 });
  const metrics = async () =>
    (await send(`${current().address}/metrics`, { headers: { Authorization: 'Bearer admin-token' } })).body;
  const counted = async (kind: string, code: number) =>
    Number(
      new RegExp(`^vidhuk_refused_requests_total\\{kind="${kind}",code="${code}"\\} (\\d+)$`, 'm').exec(await metrics())?.[1] ??
        0,
    );
  const post = (path: string, headers: Record<string, string> = {}, body = '[]') =>
    send(`${current().address}${path}`, { method: 'POST', headers, body });

  it('is counted by its kind and told once a second, with the sender’s address and without what it sent', async () => {
    const wanted: [kind: string, code: number, attempt: () => Promise<unknown>][] = [
      ['credentials', 401, () => post('/webhooks/esputnik/main/wrong-0123456789')],
      ['credentials', 404, () => send(`${current().address}/webhooks/esputnik/main/wrong-0123456789`)],
      ['name', 404, () => post(`/webhooks/esputnik/wrong-0123456789/${token}`)],
      ['name', 404, () => post(`/workflows/esputnik/main/wrong-0123456789/${token}`)],
      ['path', 404, () => post('/elsewhere/wrong-0123456789')],
      ['body', 413, () => post(`/webhooks/esputnik/main/${token}`, {}, 'x'.repeat(2_000))],
      ['http', 400, () => sendRaw(current().port, 'no request\r\n\r\n')],
      ['http', 408, () => sendRaw(current().port, 'POST /webhooks/esputnik/main HTTP/1.1\r\nHost: x\r\n')],
      ['http', 431, () => sendRaw(current().port, `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`)],
      ['admin', 404, () => send(`${current().address}/metrics`, { headers: { Authorization: 'Bearer wrong-0123456789' } })],
    ];
    for (const [kind, code, attempt] of wanted) {
      const before = await counted(kind, code);
      const lines = () =>
        current()
          .captured.lines()
          .filter((line) => line.level === 40 && line.code === code).length;
      const told = lines();
      await Promise.all([attempt(), attempt(), attempt()]);
      await until(`${kind} ${code} is counted`, async () => (await counted(kind, code)) === before + 3);
      expect(lines() - told, `lines of ${kind} ${code}`).to.be.within(1, 2);
    }
    const text = JSON.stringify(current().captured.lines());
    expect(text).to.include('127.0.0.1');
    expect(text).not.to.include('wrong-0123456789').and.not.to.include(token);
  });

  it('does not tell which sources exist: to whom has no token, one that is not there looks like one that is', async () => {
    const answers = [];
    for (const name of ['main', 'nobody', 'constructor'])
      for (const [path, headers] of [
        [`/webhooks/esputnik/${name}/wrong`, {}],
        [`/webhooks/esputnik/${name}`, {}],
        [`/webhooks/esputnik/${name}`, { 'X-Webhook-Token': 'wrong' }],
      ] as const) {
        const { status, body, headers: sent } = await post(path, headers);
        delete sent.date;
        answers.push({ status, body, sent });
      }
    for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
    expect(answers[0]?.status).to.equal(401);
  });

  it('is told with the address that a trusted proxy names, and that nobody else can make up', async () => {
    const remotes = () =>
      current()
        .captured.lines()
        .map(({ remote }) => remote);
    await until('it is told', async () => {
      await post('/somewhere', { 'X-Forwarded-For': '203.0.113.9, 198.51.100.7' });
      return remotes().includes('198.51.100.7');
    });
    expect(remotes()).not.to.include('203.0.113.9');
  });
});

describe('The readiness of the ingress', () => {
  const current = useIngress('redis');

  it('says why it is not ready to whom has the admin token only', async () => {
    const { queue, store } = current();
    const ask = async (headers = {}) =>
      JSON.parse((await send(`${current().address}/health/ready`, { headers })).body) as unknown;
    expect(await ask()).to.deep.equal({ status: 'ok', checks: { queue: 'ok', room: 'ok' } });
    await queue.close();
    await store.close();
    await until('it is not ready', async () => JSON.stringify(await ask()).includes('unavailable'));
    expect(await ask()).to.deep.equal({ status: 'unavailable', checks: { queue: 'failed', room: 'failed' } });
    expect(JSON.stringify(await ask({ Authorization: 'Bearer admin-token' }))).to.match(/onnection is closed|enableOfflineQueue/);
  });
});

describe('Strangers who ask whether the ingress is ready', () => {
  const current = useIngress('redis');

  it('cause no write each', async () => {
    let writes = 0;
    const { store } = current();
    const check = store.checkWritable.bind(store);
    store.checkWritable = () => {
      writes++;
      return check();
    };
    await Promise.all(Array.from({ length: 200 }, () => send(`${current().address}/health/ready`)));
    expect(writes).to.be.within(1, 3);
  });
});
