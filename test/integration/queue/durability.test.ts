import { expect } from 'chai';
import { send } from '../../support/http.js';
import { token } from '../../support/ingress.js';
import { ownPostgres, ownRedis, type OwnServer, type ServerSettings } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { endServices, startService, type Service } from '../../support/processes.js';
import { runCli } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { sendRedis } from '../../support/stores.js';

const config = (queue = '') => `sources: { main: { tokens: [${token}] } }\n${queue}\n`;
const both = ['ingress', 'worker'] as const;

/** Starts the processes on `server`, and gives each one's exit code and output. */
async function startsOf(server: OwnServer, databaseUrl: string, names: readonly (typeof both)[number][] = both) {
  const started = names.map((name) => startService(name, { databaseUrl, queueUrl: server.url, config: config() }));
  const services = await Promise.all(started);
  return Promise.all(services.map(async (service) => ({ code: await service.exited, text: service.text() })));
}

async function isReady(service: Service, health = true): Promise<boolean> {
  const { status } = await send(`${await service.address()}/health/ready`);
  return (status === 200) === health;
}

const adminToken = 'admin-token-of-tests';

describe('a queue on Redis that may lose what it acknowledged', function () {
  this.timeout(120_000); // processes start
  let database: { url: string; drop: () => Promise<void> };
  before(needsRedisServer);
  before(async () => {
    database = await createDatabase();
  });
  after(async () => {
    await endServices();
    await database.drop();
  });

  const cases: [ServerSettings, string][] = [
    [{ appendonly: 'no' }, 'set "appendonly yes" in redis.conf'],
    [{ appendfsync: 'everysec' }, 'set "appendfsync always" in redis.conf'],
    [{ 'maxmemory-policy': 'allkeys-lru' }, 'set "maxmemory-policy noeviction" in redis.conf'],
  ];
  for (const [settings, advice] of cases)
    it(`with ${JSON.stringify(settings)} is refused, with the setting to change`, async () => {
      const server = await ownRedis(settings);
      for (const { code, text } of await startsOf(server, database.url, ['ingress'])) {
        expect(code).to.equal(78);
        expect(text).to.include(JSON.stringify(advice).slice(1, -1)).and.to.include('allowVolatile');
      }
      await server.stop();
    });

  it('is refused by both processes, and by "vidhuk doctor", with every setting at once', async () => {
    const server = await ownRedis(Object.assign({}, ...cases.map(([settings]) => settings)) as ServerSettings);
    for (const { code, text } of await startsOf(server, database.url)) {
      expect(code).to.equal(78);
      for (const [, advice] of cases) expect(text).to.include(JSON.stringify(advice).slice(1, -1));
    }
    const doctor = await runCli({ DATABASE_URL: database.url, QUEUE_URL: server.url, VIDHUK_MAIN_TOKEN: token }, 'doctor');
    expect(doctor.code).to.equal(1);
    for (const [, advice] of cases) expect(doctor.stdout).to.include(advice);
    await server.stop();
  });

  it('is used with a warning where the configuration allows it', async () => {
    const server = await ownRedis({ appendonly: 'no' });
    const queue = 'queue: { allowVolatile: true }';
    const services = await Promise.all(
      both.map((name) => startService(name, { databaseUrl: database.url, queueUrl: server.url, config: config(queue) })),
    );
    for (const service of services) {
      await until('it is ready', () => isReady(service));
      const warnings = service.lines().filter(({ level, problems }) => level === 40 && Array.isArray(problems));
      expect(warnings).to.have.length(1);
      expect(JSON.stringify(warnings)).to.include('appendonly yes');
    }
    expect(await Promise.all(services.map((service) => service.stop()))).to.deep.equal([0, 0]);
    await server.stop();
  });

  it('makes a running process unready when its settings change', async () => {
    const server = await ownRedis();
    const services = await Promise.all(
      both.map((name) => startService(name, { databaseUrl: database.url, queueUrl: server.url, config: config(), adminToken })),
    );
    for (const service of services) await until('it is ready', () => isReady(service));
    await sendRedis(server.url, 'CONFIG SET appendfsync everysec');
    for (const service of services) {
      await until('it is not ready', () => isReady(service, false));
      const headers = { Authorization: `Bearer ${adminToken}` };
      expect((await send(`${await service.address()}/health/ready`, { headers })).body).to.include('appendfsync always');
    }
    await sendRedis(server.url, 'CONFIG SET appendfsync always');
    for (const service of services) await until('it is ready again', () => isReady(service));
    expect(await Promise.all(services.map((service) => service.stop()))).to.deep.equal([0, 0]);
    await server.stop();
  });

  it('is refused where Redis does not tell its settings', async () => {
    const server = await ownRedis();
    await sendRedis(server.url, 'ACL SETUSER default -config');
    for (const { code, text } of await startsOf(server, database.url, ['ingress'])) {
      expect(code).to.equal(78);
      expect(text).to.include('unknown').and.to.include('allowVolatile');
    }
    await server.stop();
  });
});

describe('a queue on PostgreSQL that may lose what it acknowledged', function () {
  this.timeout(120_000); // processes start
  let server: OwnServer;
  before(async () => {
    server = await ownPostgres();
  });
  after(() => server.stop());
  afterEach(endServices);

  const cases: [ServerSettings, string][] = [
    [{ fsync: 'off' }, 'set "fsync = on" in postgresql.conf'],
    [{ synchronous_commit: 'off' }, 'set "synchronous_commit = on" in postgresql.conf'],
  ];
  for (const [settings, advice] of cases)
    it(`with ${JSON.stringify(settings)} is refused, with the setting to change`, async () => {
      await server.stop();
      await server.start(settings);
      for (const { code, text } of await startsOf(server, server.url)) {
        expect(code).to.equal(78);
        expect(text).to.include(JSON.stringify(advice).slice(1, -1)).and.to.include('allowVolatile');
      }
    });

  it('is used with a warning where the configuration allows it', async () => {
    const services = await Promise.all(
      both.map((name) =>
        startService(name, { databaseUrl: server.url, queueUrl: server.url, config: config('queue: { allowVolatile: true }') }),
      ),
    );
    for (const service of services) {
      await until('it is ready', () => isReady(service));
      expect(JSON.stringify(service.lines().filter(({ level }) => level === 40))).to.include('synchronous_commit');
    }
    expect(await Promise.all(services.map((service) => service.stop()))).to.deep.equal([0, 0]);
  });
});
