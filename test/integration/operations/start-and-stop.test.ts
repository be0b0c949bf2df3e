import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { getPriority } from 'node:os';
import { send } from '../../support/http.js';
import { token } from '../../support/ingress.js';
import { ownPostgres, ownRedis, type OwnServer } from '../../support/own-server.js';
import { adminToken, startPipeline } from '../../support/pipeline.js';
import { until } from '../../support/poll.js';
import { endServices, startService, type ServiceSettings } from '../../support/processes.js';
import { parseSamples } from '../../support/prometheus.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';

const names = ['ingress', 'worker'] as const;
const config = `sources: { main: { tokens: [${token}] } }\nqueue: { allowVolatile: true }\ningress: { drainMs: 100 }\n`;

describe('starting', function () {
  this.timeout(120_000);
  let stores: Stores;
  before(async () => {
    stores = await openStores('postgres');
  });
  after(() => stores.drop());
  afterEach(endServices);

  it('worker: a file of handlers that cannot be loaded is one clear line beside all other mistakes, and exit code 78', async () => {
    const mistakes = 'handlers: [./nowhere.js]\nactions: [{ name: a, when: {}, run: crm }]\n';
    const service = await startService('worker', { ...stores, config: config + mistakes });
    expect(await service.exited).to.equal(78);
    expect(service.text()).to.include('handlers[0] (./nowhere.js): ').and.to.include('actions[0]');
  });

  for (const name of names) {
    const settings = (more: Partial<ServiceSettings> = {}): ServiceSettings => ({ ...stores, config, ...more });

    it(`${name}: a port in use is one clear line and exit code 78`, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const service = await startService(name, settings({ port }));
      expect(await service.exited).to.equal(78);
      server.close();
      const fatal = service.lines().filter(({ level }) => level === 60);
      expect(fatal).to.have.length(1);
      expect(fatal[0]?.msg).to.include(`127.0.0.1:${port}`).and.to.include('choose another port');
    });

    it(`${name}: everything wrong with the settings is told at once, with exit code 78`, async () => {
      const service = await startService(
        name,
        settings({ config: 'sources: { main: { tokens: [${MISSING}], timezone: x } }\nqeue: {}' }),
      );
      expect(await service.exited).to.equal(78);
      for (const part of ['MISSING is not set', 'timeZone', 'queue']) expect(service.text()).to.include(part);
    });

    it(`${name}: a failure that nobody caught ends it in order, with an exit code that has it restarted`, async () => {
      // Once it listens for such failures: before, Node itself would end it.
      const failure = `
        const timer = setInterval(() => {
          if (process.listenerCount('unhandledRejection') === 0) return;
          clearInterval(timer);
          Promise.reject(new Error('nobody caught this'));
        }, 10);`;
      const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(failure)}`];
      const service = await startService(name, settings({ nodeOptions }));
      expect(await service.exited).to.equal(1);
      expect(service.text()).to.include('nobody caught this');
      // The fatal line goes to standard error, and may be read after those behind it.
      expect(service.lines().find(({ msg }) => msg === 'stopped')).to.include({ exitCode: 1 });
    });

    it(`${name}: SIGTERM while it waits for its stores ends it at once, with exit code 0 and no password in its log`, async () => {
      const nowhere = 'postgres://user:hush@127.0.0.1:1/x';
      const service = await startService(name, settings({ databaseUrl: nowhere, queueUrl: nowhere }));
      await until('it tries again', () => service.lines().some(({ msg }) => String(msg).includes('trying again')), {
        timeoutMs: 60_000,
      });
      const began = Date.now();
      expect(await service.stop()).to.equal(0);
      expect(Date.now() - began).to.be.lessThan(5_000);
      expect(service.text()).to.not.include('hush');
    });
  }

  it('worker: SIGTERM while it opens its queues and actions ends it, with exit code 0', async () => {
    const action = (index: number) => `  - { name: action-${index}, when: { status: SPAM }, run: log }\n`;
    const actions = `actions:\n${Array.from({ length: 4 }, (_, index) => action(index)).join('')}`;
    for (const waitMs of [0, 5, 25]) {
      const service = await startService('worker', { ...stores, config: config + actions });
      await service.address(); // the admin server is open before they are
      expect(getPriority(service.pid), 'senders are answered first').to.be.at.least(10);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      expect(await service.stop(), `after ${waitMs} ms`).to.equal(0);
    }
  });
});

for (const kind of storeKinds)
  describe(`starting before the queue's ${kind} is there`, function () {
    this.timeout(120_000);
    let server: OwnServer;
    let stores: Stores;
    if (kind === 'redis') before(needsRedisServer);
    before(async () => {
      stores = await openStores('postgres');
      server = kind === 'redis' ? await ownRedis() : await ownPostgres();
      await server.stop();
    });
    after(async () => {
      await endServices();
      await server.stop();
      await stores.drop();
    });

    it('is waited through by both processes, and SIGTERM while it is away again is obeyed', async () => {
      // On PostgreSQL the worker waits for its database too.
      const databaseUrl = kind === 'postgres' ? server.url : stores.databaseUrl;
      const settings = { databaseUrl, queueUrl: server.url, config, variables: { LOG_LEVEL: 'debug' } };
      const services = await Promise.all(names.map((name) => startService(name, settings)));
      for (const service of services) {
        const retries = () => service.lines().filter(({ msg }) => String(msg).endsWith('failed, trying again'));
        // One attempt at Redis takes five seconds, in which its client tries again and again by itself.
        const tries = kind === 'redis' ? 1 : 3;
        await until('it tries again', () => retries().length >= tries, { timeoutMs: 60_000 });
        for (const [index, { level, msg, err, waitMs }] of retries().entries()) {
          expect([level, msg]).to.satisfy(
            ([given, text]: unknown[]) => given === (index === 0 ? 40 : 20) && /^(opening|connecting to) the /.test(String(text)),
          );
          expect(err).to.be.a('string').that.is.not.empty;
          expect(waitMs, 'the wait doubles').to.be.within(250 * 2 ** index, 500 * 2 ** index);
        }
        expect(service.text()).to.include(`nothing listens at 127.0.0.1:${new URL(server.url).port} (connection refused)`);
      }
      await server.start();
      for (const service of services)
        await until('it is ready', async () => (await send(`${await service.address()}/health/ready`)).status === 200, {
          timeoutMs: 40_000,
        });
      await server.kill();
      for (const service of services)
        await until('it is not ready', async () => (await send(`${await service.address()}/health/ready`)).status === 503);
      const began = Date.now();
      expect(await Promise.all(services.map((service) => service.stop()))).to.deep.equal([0, 0]);
      expect(Date.now() - began).to.be.lessThan(30_000);
    });
  });

for (const kind of storeKinds)
  describe(`stopping, queue on ${kind}`, function () {
    this.timeout(120_000);
    afterEach(endServices);

    it('the ingress answers what it is receiving, takes nothing more, and exits with 0', async () => {
      const stores = await openStores(kind);
      const ingress = await startService('ingress', { ...stores, config, adminToken });
      const { port } = new URL(await ingress.address());
      const headers = { Authorization: `Bearer ${adminToken}` };
      const metrics = async () => parseSamples((await send(`http://127.0.0.1:${port}/metrics`, { headers })).body);
      const socket = connect(Number(port), '127.0.0.1');
      let answer = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
      socket.write(`POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[`);
      await until('it is being received', async () => (await metrics()).vidhuk_bytes_in_flight === 65_536);
      ingress.signal('SIGTERM');
      await until('it takes nothing more', async () => {
        const error: unknown = await send(`http://127.0.0.1:${port}/health/live`).catch((reason: unknown) => reason);
        return error instanceof Error;
      });
      const closed = once(socket, 'close');
      socket.write(']');
      expect(await ingress.exited).to.equal(0);
      await closed;
      expect(answer).to.match(/^HTTP\/1\.1 200 OK/);
      await stores.drop();
    });

    it('the ingress is not ready from the first moment on, and still takes what comes meanwhile', async () => {
      const stores = await openStores(kind);
      const ingress = await startService('ingress', { ...stores, config: config.replace('drainMs: 100', 'drainMs: 20000') });
      const address = await ingress.address();
      const ready = () => send(`${address}/health/ready`);
      expect((await ready()).status).to.equal(200);
      ingress.signal('SIGTERM');
      const { body } = await until('it is not ready', async () => {
        const answer = await ready();
        return answer.status === 503 ? answer : undefined;
      });
      expect((JSON.parse(body) as { checks: object }).checks).to.deep.equal({ queue: 'ok', room: 'ok', running: 'failed' });
      expect((await send(`${address}/webhooks/esputnik/main/${token}`, { method: 'POST', body: '[]' })).status).to.equal(200);
      await endServices();
      await stores.drop();
    });

    it('the worker finishes what it has begun, leaves the rest to the next one, and exits with 0', async () => {
      const pipeline = await startPipeline(kind, 'worker: { concurrency: 2, maxActivitiesPerTransaction: 100 }\n');
      const { worker } = pipeline;
      const total = 60;
      for (let batch = 0; batch < total; batch++) {
        const elements = Array.from({ length: 200 }, (_, index) => ({
          activityStatus: 'READ',
          activityDateTime: '2024-05-01T10:00:00',
          iid: `${batch}-${index}`,
          contactId: index + 1,
        }));
        expect((await send(await pipeline.webhook(), { method: 'POST', body: JSON.stringify(elements) })).status).to.equal(200);
        if (batch === total / 2) worker.signal('SIGTERM');
      }
      expect(await worker.exited).to.equal(0);
      expect(worker.lines().filter(({ level }) => Number(level) >= 40)).to.deep.equal([]);
      const next = await startService('worker', { ...pipeline.stores, config });
      await next.address();
      const sum = async () =>
        (await pipeline.query<{ sum: string; batches: string }>('select sum("new"), count(*) as batches from vidhuk.batch'))[0];
      await until('all is written', async () => (await sum())?.batches === String(total), { timeoutMs: 30_000 });
      expect((await sum())?.sum).to.equal(String(200 * total));
      expect(await next.stop()).to.equal(0);
      expect(await pipeline.ingress.stop()).to.equal(0);
      await pipeline.database.end();
      await pipeline.stores.drop();
    });
  });
