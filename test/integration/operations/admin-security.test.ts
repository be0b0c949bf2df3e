import { expect } from 'chai';
import { Registry } from 'prom-client';
import { batchQueueName, openQueueStore, serve, type BatchJob, type JobQueue } from '../../../packages/shared/src/index.js';
import { createAdminApp } from '../../../packages/worker/src/admin/admin-server.js';
import { createDashboard } from '../../../packages/worker/src/admin/dashboard.js';
import { send, sendRaw } from '../../support/http.js';
import { captureLog } from '../../support/log-lines.js';
import { statusOfTests } from '../../support/configuration-status.js';
import { openStores } from '../../support/stores.js';

const adminToken = 'admin-hush';
const basic = { Authorization: `Basic ${Buffer.from(`admin:${adminToken}`).toString('base64')}` };

/** The admin server over an empty queue. */
function useAdmin(token: string | undefined) {
  let address = '';
  const { log, lines } = captureLog();
  let queue: JobQueue<BatchJob> | undefined;
  const closers: (() => Promise<void>)[] = [];
  before(async () => {
    const { queueUrl, drop } = await openStores('postgres');
    closers.unshift(drop);
    const store = await openQueueStore(queueUrl, (error) => log.warn(error.message));
    closers.unshift(() => store.close());
    const opened = (queue = await store.openQueue<BatchJob>(batchQueueName));
    closers.unshift(() => opened.close());
    const dashboard = createDashboard();
    dashboard.show(opened);
    const app = createAdminApp({ token, readiness: [], registry: new Registry(), configuration: statusOfTests, dashboard, log });
    closers.unshift(await serve(app.callback(), { host: '127.0.0.1', port: 0 }, log));
    address = `http://127.0.0.1:${Number(lines().find(({ msg }) => msg === 'listening')?.port)}`;
  });
  after(async () => {
    for (const close of closers) await close();
  });
  const theQueue = () => {
    if (queue === undefined) throw new Error('runs during tests only');
    return queue;
  };
  return {
    address: () => address,
    port: () => Number(new URL(address).port),
    queue: theQueue,
    isPaused: () => theQueue().isPaused(),
    lines,
  };
}

describe('the admin port without an admin token', () => {
  const admin = useAdmin(undefined);
  const attempts: Record<string, string>[] = [
    {},
    ...[
      'Bearer undefined',
      'Bearer ',
      'Bearer',
      'Basic',
      'Basic Og==',
      `Basic ${Buffer.from('u:undefined').toString('base64')}`,
    ].map((Authorization) => ({ Authorization })),
  ];

  it('is closed to everybody, but for health', async () => {
    for (const headers of attempts)
      for (const path of ['/metrics', '/queues', '/queues/api/queues'])
        expect((await send(`${admin.address()}${path}`, { headers })).status, `${path} ${headers.Authorization}`).to.equal(401);
    expect((await send(`${admin.address()}/health/live`)).status).to.equal(200);
  });

  it('is closed by every method on every path', async () => {
    await expectClosed(admin, '');
    await expectClosed(admin, `Authorization: Bearer ${adminToken}\r\n`);
  });
});

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE', 'SEARCH', 'LINK'];
const queuePath = `/queues/api/queues/${batchQueueName}`;
const paths = [
  ...['/', '/metrics', '/queues', '/queues/', '/queues/queue/x', '/queues/static/favicon.ico', '/health', '/health/other', '/x'],
  ...['', '/pause', '/resume'].map((rest) => `/queues/api/queues${rest}`),
  ...[
    '',
    '/add',
    '/pause',
    '/resume',
    '/empty',
    '/obliterate',
    '/promote',
    '/clean/wait',
    '/rate-limit',
    '/workers',
    '/1',
    '/1/logs',
  ].map((rest) => queuePath + rest),
  ...['/1/retry', '/1/clean', '/1/update-data'].map((rest) => queuePath + rest),
  ...['/queues/api/redis/stats', '/queues/api/job-schedulers', '/queues/api/metrics/history/purge'],
];

async function expectClosed(admin: ReturnType<typeof useAdmin>, header: string): Promise<void> {
  const codesOf = async (path: string) => {
    const requests = methods.map((method) => `${method} ${path} HTTP/1.1\r\nHost: x\r\n${header}\r\n`);
    const last = `GET ${path} HTTP/1.1\r\nHost: x\r\n${header}Connection: close\r\n\r\n`;
    return (await sendRaw(admin.port(), requests.join('') + last)).match(/(?<=^HTTP\/1\.1 )\d+/gm);
  };
  const codes = await Promise.all(paths.map(codesOf));
  expect(codes).to.deep.equal(paths.map(() => ['401', ...methods.map(() => '401')]));
  expect(await admin.isPaused()).to.be.false;
}

describe('the admin port with an admin token', () => {
  const admin = useAdmin(adminToken);

  it('is closed by every method on every path to whoever brings none, or another', async () => {
    for (const header of [
      '',
      'Authorization: Bearer guessed\r\n',
      `X-Webhook-Token: ${adminToken}\r\n`,
      `Cookie: token=${adminToken}\r\n`,
    ])
      await expectClosed(admin, header);
  });

  describe('a session in a browser', () => {
    const logIn = (headers: Record<string, string>) => send(`${admin.address()}/login`, { method: 'POST', headers });
    const cookieOf = async () => String((await logIn(basic)).headers['set-cookie']).split(';')[0] ?? '';
    const get = async (cookie: string, path = '/metrics') =>
      (await send(`${admin.address()}${path}`, { headers: { Cookie: cookie } })).status;

    it('opens everything until it ends, and holds no token', async () => {
      const { status, headers } = await logIn(basic);
      expect(status).to.equal(204);
      const [cookie = ''] = headers['set-cookie'] ?? [];
      expect(cookie).to.match(/; path=\/; samesite=strict; httponly$/i);
      expect(cookie).to.not.include(adminToken);
      for (const path of ['/metrics', '/configuration', '/queues']) expect(await get(await cookieOf(), path), path).to.equal(200);
    });

    it('is given to the holder of the token only, without asking a browser for a password', async () => {
      for (const headers of [{}, { Authorization: 'Bearer guessed' }]) {
        const answer = await logIn(headers);
        expect(answer.status).to.equal(401);
        expect(answer.headers['set-cookie']).to.equal(undefined);
        expect(answer.headers['www-authenticate']).to.match(/^Bearer /);
      }
      expect((await logIn({ ...basic, 'Sec-Fetch-Site': 'cross-site' })).status).to.equal(403);
    });

    it('cannot be made or made longer by whoever does not hold the token', async () => {
      const [name = '', value = ''] = (await cookieOf()).split('=');
      const [end = '', signature = ''] = value.split('.');
      const later = String(Number(end) + 1);
      for (const forged of [`${later}.${signature}`, `${end}.`, end, '', `.${signature}`, `${end}.${signature}x`, adminToken])
        expect(await get(`${name}=${forged}`), forged).to.equal(401);
    });

    it('does not count beside a wrong password, nor for what another site asks for', async () => {
      const Cookie = await cookieOf();
      const wrong = await send(`${admin.address()}/metrics`, { headers: { Cookie, Authorization: 'Bearer guessed' } });
      expect(wrong.status).to.equal(401);
      const headers = { Cookie, 'Sec-Fetch-Site': 'cross-site' };
      expect((await send(`${admin.address()}${queuePath}/pause`, { method: 'PUT', headers })).status).to.equal(403);
      expect(await admin.isPaused()).to.be.false;
    });

    it('begins at /, which leads to the queues', async () => {
      const { status, headers } = await send(`${admin.address()}/`, { headers: basic });
      expect([status, headers.location]).to.deep.equal([302, '/queues']);
    });
  });

  it('takes no JSON for more than data, whatever its keys are', async () => {
    const body = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"max":1,"duration":1}';
    const headers = { ...basic, 'Content-Type': 'application/json' };
    for (const path of ['/pause', '/retry/failed', '/promote']) {
      const url = `${admin.address()}${queuePath}${path}?__proto__[polluted]=1`;
      expect((await send(url, { method: 'PUT', headers, body })).status, path).to.equal(400);
    }
    expect(await admin.isPaused()).to.be.false;
    expect({}).to.not.have.property('polluted');
    expect((await send(`${admin.address()}/queues/api/queues`, { headers: basic })).status).to.equal(200);
  });

  it('logs what went wrong with a request as everything else is logged, without what was in it', async () => {
    const before = admin.lines().length;
    const headers = { ...basic, 'Content-Type': 'application/json' };
    await send(`${admin.address()}${queuePath}/pause?key=hush`, { method: 'PUT', headers, body: '{"secret":hush}' });
    const [line, ...more] = admin.lines().slice(before);
    expect(more).to.deep.equal([]);
    expect(line).to.include({ level: 50, msg: 'request failed' });
    expect(JSON.stringify(line)).to.not.include('hush');
  });

  describe('what the dashboard could do to a batch that was acknowledged', () => {
    const id = '0190163d-8694-739b-aea5-966c26f8ad91';
    const data = { id, source: 'main', timeZone: 'UTC', receivedAt: '2026-01-01T00:00:00.000Z', bytes: 2, body: '' };
    const loses: [string, string][] = [
      ...['empty', 'obliterate', 'clean/wait', 'CLEAN/wait', 'clean/retry', 'concurrency', 'rate-limit'].map(
        (rest): [string, string] => ['PUT', `/${rest}`],
      ),
      ...['clean', 'remove-unprocessed-children'].map((rest): [string, string] => ['PUT', `/${id}/${rest}`]),
      ...['update-data', 'delay', 'priority'].map((rest): [string, string] => ['PATCH', `/${id}/${rest}`]),
      ['POST', '/add'],
      ['PUT', `/${id}/clean/`],
      ['DELETE', `/${id}`],
    ];

    it('is refused where it would lose or change it, and the batch waits as before', async () => {
      const job = await admin.queue().add('batch', data, { jobId: id });
      for (const [method, rest] of loses) {
        const { status, body } = await send(`${admin.address()}${queuePath}${rest}`, { method, headers: basic });
        expect(status, `${method} ${rest}`).to.equal(403);
        expect(body).to.contain('acknowledged');
      }
      expect((await admin.queue().getJob(id))?.data).to.deep.equal(data);
      await job.remove();
    });
  });

  describe('state-changing requests that a browser would send with the password it holds', () => {
    const pause = `/queues/api/queues/${batchQueueName}/pause`;
    const resume = `/queues/api/queues/${batchQueueName}/resume`;
    const put = async (path: string, headers: Record<string, string>) =>
      (await send(`${admin.address()}${path}`, { method: 'PUT', headers: { ...basic, ...headers } })).status;

    const elsewhere: Record<string, Record<string, string>> = {
      'another site': { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
      'another site, in a browser that does not say so': { Origin: 'https://evil.example' },
      'a sibling under the same domain': { 'Sec-Fetch-Site': 'same-site' },
      'a page without an origin': { Origin: 'null' },
      'another port of this machine': { Origin: 'http://127.0.0.1:1' },
      'an origin that is no URL': { Origin: '127.0.0.1' },
      'another site that names us in its own': { Origin: 'http://127.0.0.1.evil.example' },
      'a browser whose two headers disagree': { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://127.0.0.1' },
    };
    for (const [who, headers] of Object.entries(elsewhere))
      it(`are refused from ${who}, and change nothing`, async () => {
        const own = headers.Origin === 'http://127.0.0.1' ? { ...headers, Origin: admin.address() } : headers;
        expect(await put(pause, own)).to.equal(403);
        expect(await admin.isPaused()).to.be.false;
      });

    it('are refused by every method that changes anything', async () => {
      const headers = { ...basic, 'Sec-Fetch-Site': 'cross-site' };
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        expect((await send(`${admin.address()}${pause}`, { method, headers })).status, method).to.equal(403);
    });

    it('are not asked for their origin before they have shown the token', async () => {
      const answer = await send(`${admin.address()}${pause}`, { method: 'PUT', headers: { Origin: 'https://evil.example' } });
      expect(answer.status).to.equal(401);
    });

    const ours: Record<string, () => Record<string, string>> = {
      'the dashboard’s own page': () => ({ 'Sec-Fetch-Site': 'same-origin', Origin: admin.address() }),
      'the dashboard’s own page, in a browser that tells its origin only': () => ({ Origin: admin.address() }),
      'the dashboard’s own page behind a proxy that renames the host': () => ({
        'Sec-Fetch-Site': 'same-origin',
        Origin: 'https://vidhuk.example',
      }),
      'a program': () => ({}),
    };
    for (const [who, headers] of Object.entries(ours))
      it(`are taken from ${who}`, async () => {
        expect(await put(pause, headers())).to.equal(200);
        expect(await admin.isPaused()).to.be.true;
        expect(await put(resume, headers())).to.equal(200);
        expect(await admin.isPaused()).to.be.false;
      });

    it('cannot be led astray in a frame of another page', async () => {
      const { headers } = await send(`${admin.address()}/queues`, { headers: basic });
      expect(headers['content-security-policy']).to.include("frame-ancestors 'none'");
      expect(headers['x-frame-options']).to.equal('DENY');
    });
  });

  describe('paths that mean something else to somebody else', () => {
    const tricks = [
      '/health/live/../../metrics',
      '/health/..%2fmetrics',
      '/health/%2e%2e/metrics',
      '/health/live/..;/metrics',
      '//metrics',
      '/./metrics',
      '/metrics/',
      '/METRICS',
      '/%6detrics',
      '/metrics%2f',
      '/metrics%00',
      '/metrics?x=/health/live',
      '/metrics#/health/live',
      '/health/live/metrics',
      '/queues/..%5cmetrics',
      String.raw`/queues\..\metrics`,
      '//queues/api/queues',
      '/Queues/api/queues',
      '/health/live%23/../queues',
      'http://x/metrics',
      '/metrics%',
      '/%c0%ae%c0%ae/metrics',
      '*',
    ];
    const get = async (target: string, headers = '') =>
      sendRaw(admin.port(), `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`);

    for (const target of tricks)
      it(`${target} opens nothing without the token`, async () => {
        expect(await get(target)).to.match(/^HTTP\/1\.1 (401|400|404) /);
      });

    for (const target of [
      '../../../../../../etc/passwd',
      '..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
      '%2e%2e/%2e%2e/package.json',
      '%00',
      '..\\..\\package.json',
    ])
      it(`/queues/static/${target} leads to no other file with the token either`, async () => {
        const answer = await get(`/queues/static/${target}`, `Authorization: Bearer ${adminToken}\r\n`);
        expect(answer).to.not.match(/^HTTP\/1\.1 (200|5\d\d) /);
        expect(answer).to.not.match(/root:|"dependencies"/);
      });
  });
});
