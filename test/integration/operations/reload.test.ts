import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigurationStatus } from '../../../packages/shared/src/index.js';
import { hears } from '../../support/hears-signal.js';
import { send } from '../../support/http.js';
import { until } from '../../support/poll.js';
import { endServices, startService, type Service } from '../../support/processes.js';
import { startReadyWorker } from '../../support/ready-worker.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { openStores, type Stores } from '../../support/stores.js';

const adminToken = 'admin-of-reloads';
const common = 'queue: { allowVolatile: true }\ningress: { drainMs: 500 }\n';
const sources = (tokens: string, more = '') => `sources: { main: { tokens: [${tokens}]${more} } }\n`;
const action = (name: string, more = '') => `{ name: ${name}, when: {}, run: log${more} }`;

describe('a changed configuration and SIGHUP', function () {
  this.timeout(120_000);
  let stores: Stores;
  let file: string;
  before(async () => {
    stores = await openStores('postgres');
    file = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
  });
  afterEach(endServices);
  after(() => stores.drop());

  const write = (text: string) => writeFile(file, text);
  const settings = (variables: Record<string, string> = {}) => ({
    ...stores,
    config: '',
    adminToken,
    variables: { VIDHUK_CONFIG: file, ...variables },
  });
  const startIngress = async (variables?: Record<string, string>) => {
    const ingress = await startService('ingress', settings(variables));
    await ingress.address();
    return ingress;
  };
  const post = async (ingress: Service, token: string, source = 'main') =>
    (await send(`${await ingress.address()}/webhooks/esputnik/${source}/${token}`, { method: 'POST', body: '[]' })).status;
  const statusOf = async (service: Service): Promise<ConfigurationStatus> => {
    const { status, body } = await send(`${await service.address()}/configuration`, {
      headers: { Authorization: `Bearer ${adminToken}` },
    });
    expect(status).to.equal(200);
    return JSON.parse(body) as ConfigurationStatus;
  };
  /** What it says of itself once it has read the file again. */
  const hangUp = async (service: Service) => {
    const { readAt } = await statusOf(service);
    service.signal('SIGHUP');
    return until('it has read again', async () => {
      const status = await statusOf(service);
      return status.readAt !== readAt && status;
    });
  };
  const messagesOf = (service: Service) => service.lines().map(({ msg }) => msg);

  it('gives an ingress other tokens and sources at once, and takes away what is gone', async () => {
    await write(`${common}${sources('first-hush, second-hush')}`);
    const ingress = await startIngress();
    await write(`${common}sources: { main: { tokens: [second-hush, third-hush] }, shop: { tokens: [shop-hush] } }\n`);
    const status = await hangUp(ingress);
    expect(status.taken).to.deep.equal(['tokens of main (1 new, 1 gone)', 'source shop (new)']);
    expect([await post(ingress, 'first-hush'), await post(ingress, 'second-hush')]).to.deep.equal([401, 200]);
    expect([await post(ingress, 'third-hush'), await post(ingress, 'shop-hush', 'shop')]).to.deep.equal([200, 200]);
    await write(`${common}${sources('third-hush')}`);
    expect((await hangUp(ingress)).taken).to.deep.equal(['tokens of main (0 new, 1 gone)', 'source shop (gone)']);
    expect([await post(ingress, 'shop-hush', 'shop'), await post(ingress, 'third-hush')]).to.deep.equal([401, 200]);
    const told = await until('the log tells of both', () => {
      const lines = ingress.lines().filter(({ msg }) => msg === 'the configuration was read again');
      return lines.length === 2 && lines;
    });
    expect(told.map(({ taken }) => taken)).to.deep.equal([
      ['tokens of main (1 new, 1 gone)', 'source shop (new)'],
      ['tokens of main (0 new, 1 gone)', 'source shop (gone)'],
    ]);
    expect(ingress.text() + JSON.stringify(status)).to.not.include('hush');
    expect(await ingress.stop()).to.equal(0);
  });

  it('names what waits for a restart, in the log and on request, until it has come or is taken back', async () => {
    await write(`${common}${sources('t')}`);
    const ingress = await startIngress();
    await write(
      `queue: { allowVolatile: true, lockMs: 20000 }\ningress: { drainMs: 500, maxWaitMs: 1 }\n${sources('t', ', timeZone: Europe/Kyiv')}`,
    );
    const status = await hangUp(ingress);
    const waiting = ['timeZone of main', 'ingress.maxWaitMs', 'queue.lockMs'];
    expect(status.waitsForRestart).to.deep.equal(waiting);
    expect(status.taken).to.deep.equal([]);
    await until('the log has named them', () => {
      const messages = messagesOf(ingress);
      return waiting.every((setting) => messages.includes(`${setting} waits for a restart`));
    });
    await write(`${common}${sources('t')}`);
    expect((await hangUp(ingress)).waitsForRestart).to.deep.equal([]);
  });

  it('is refused as a whole where it has mistakes: the one before stays in force, and every problem is told', async () => {
    await write(`${common}${sources('old')}`);
    const ingress = await startIngress();
    const before = await statusOf(ingress);
    await write(`${common}sourcse: {}\nsources: { main: { tokens: [new, "\${NOT_SET}"] } }\n`);
    const status = await hangUp(ingress);
    for (const problem of ['did you mean "sources"', 'the environment variable NOT_SET is not set']) {
      expect(status.problem).to.include(problem);
      const refusal = await until('it is told', () =>
        ingress.lines().find(({ msg }) => String(msg).startsWith('the configuration was refused')),
      );
      expect((refusal.problems as string[]).filter((text) => text.includes(problem))).to.have.length(1);
    }
    expect(status).to.include({ fingerprint: before.fingerprint, loadedAt: before.loadedAt });
    expect([await post(ingress, 'old'), await post(ingress, 'new')]).to.deep.equal([200, 401]);
    await write(`${common}${sources('new')}`);
    expect((await hangUp(ingress)).problem).to.equal(null);
    expect([await post(ingress, 'old'), await post(ingress, 'new')]).to.deep.equal([401, 200]);
  });

  it('brings the secrets that stand in files anew: the fingerprint is another, though the file is the same', async () => {
    await write(`${common}${sources('"${MAIN_TOKEN}"')}`);
    const secret = `${file}.token`;
    await writeFile(secret, 'one\n');
    const ingress = await startIngress({ MAIN_TOKEN_FILE: secret });
    const { fingerprint } = await statusOf(ingress);
    expect((await hangUp(ingress)).fingerprint).to.equal(fingerprint);
    await writeFile(secret, 'two\n');
    const [text, values] = (await hangUp(ingress)).fingerprint.split('-');
    expect(text).to.equal(fingerprint.split('-')[0]);
    expect(values).to.not.equal(fingerprint.split('-')[1]);
    expect([await post(ingress, 'one'), await post(ingress, 'two')]).to.deep.equal([401, 200]);
  });

  it('gives a worker its actions, and names what waits', async () => {
    await write(`${common}${sources('t')}actions: [${action('keep')}, ${action('change')}, ${action('drop')}]\n`);
    const worker = await startReadyWorker(settings());
    await write(
      `${common}worker: { concurrency: 3 }\n${sources('t', ', timeZone: Europe/Kyiv')}actions: [${action('keep')}, ${action('change', ', concurrency: 2')}, ${action('add')}]\n`,
    );
    const status = await hangUp(worker);
    expect(status.taken).to.deep.equal(['action change (changed)', 'action add (new)', 'action drop (gone)']);
    expect(status.waitsForRestart).to.deep.equal(['worker.concurrency']);
    await write(`${common}actions: [${action('broken', ', whne: {}')}]\n${sources('t')}`);
    expect((await hangUp(worker)).problem).to.include('unknown setting "whne"');
    expect(await worker.stop()).to.equal(0);
  });

  it('is safe however often and whenever the signal comes: at the start, many times, while the process stops', async () => {
    await write(`${common}${sources('t')}`);
    const starting = [await startService('ingress', settings()), await startService('worker', settings())];
    for (const service of starting) {
      // From the moment on at which our first line runs; before it Node itself is starting.
      await until('it hears SIGHUP', () => hears(service.pid, 'SIGHUP'), { everyMs: 1, timeoutMs: 60_000 });
      for (let count = 0; count < 5; count++) service.signal('SIGHUP');
    }
    for (const service of starting) {
      await until('it has read again', () => messagesOf(service).includes('the configuration was read again'), {
        timeoutMs: 60_000,
      });
      for (let count = 0; count < 50; count++) service.signal('SIGHUP');
      service.signal('SIGTERM');
      for (let count = 0; count < 20; count++) service.signal('SIGHUP');
      const ends = setInterval(() => service.signal('SIGHUP'), 2);
      expect(await service.exited).to.equal(0);
      clearInterval(ends);
      expect(service.lines().filter(({ level }) => Number(level) >= 50)).to.deep.equal([]);
    }
  });

  it('is shown to the holder of the admin token only', async () => {
    await write(`${common}${sources('t')}`);
    const [ingress, worker] = [await startIngress(), await startService('worker', settings())];
    expect((await send(`${await ingress.address()}/configuration`)).status).to.equal(404);
    expect((await send(`${await worker.address()}/configuration`)).status).to.equal(401);
    expect((await statusOf(worker)).file).to.equal(file);
    expect((await statusOf(ingress)).fingerprint).to.equal((await statusOf(worker)).fingerprint);
  });
});
