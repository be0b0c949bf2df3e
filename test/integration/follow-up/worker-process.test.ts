import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { endLocks, refuseNewJobs, takeNewJobs } from '../../support/follow-up/queue-trouble.js';
import { silentLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { endServices, startService, type Service } from '../../support/processes.js';
import { storeKinds } from '../../support/stores.js';

/** Keeps the webhook-ids that it sees, and answers at once or when it is told. */
class Endpoint {
  readonly seen: string[] = [];
  readonly held: ServerResponse[] = [];
  holding = false;
  readonly #server = createServer((request, response) => {
    request.resume().on('end', () => {
      this.seen.push(String(request.headers['webhook-id']));
      if (this.holding) this.held.push(response);
      else response.end('ok');
    });
  });

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  answer(): void {
    for (const response of this.held.splice(0)) response.end('ok');
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const people = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => activity({ contactId: from + index }));

/** A bed with an endpoint and a configuration file; what a scenario uses. */
class Scenario {
  private constructor(
    readonly bed: Bed,
    readonly endpoint: Endpoint,
    readonly folder: string,
  ) {}

  /** Most of a scenario is waiting for stalls and deadlines: it plays on both stores at the same time. */
  static async playOnBoth(play: (scenario: Scenario) => Promise<void>): Promise<void> {
    await Promise.all(
      storeKinds.map(async (kind) => {
        const bed = await Bed.open(kind);
        const endpoint = await new Endpoint().open();
        const folder = await mkdtemp(join(tmpdir(), 'vidhuk-follow-up-'));
        bed.onClose(async () => {
          endpoint.close();
          await takeNewJobs(bed.stores);
          await rm(folder, { recursive: true });
        });
        const scenario = new Scenario(bed, endpoint, folder);
        beds.push(bed);
        await play(scenario);
      }),
    );
  }

  get configPath(): string {
    return join(this.folder, 'vidhuk.yaml');
  }

  configure(actions: string): Promise<void> {
    const common = 'sources: { main: { tokens: [secret] } }\nqueue: { allowVolatile: true, lockMs: 6000 }\n';
    return writeFile(this.configPath, `${common}actions: ${actions}\n`);
  }

  hook(more = ''): string {
    return `[{ name: act, when: {}, run: http-request, with: { url: "${this.endpoint.url}", allowPrivateNetwork: true }${more} }]`;
  }

  /** Plans as a worker would that is somewhere else. */
  plan(from: number, to: number): Promise<void> {
    return this.bed.plan([actionOf({})], people(from, to));
  }

  async startWorker(actions: string): Promise<Service> {
    await this.configure(actions);
    const { databaseUrl, queueUrl } = this.bed.stores;
    const variables = { VIDHUK_CONFIG: this.configPath };
    const worker = await startService('worker', { databaseUrl, queueUrl, config: '', variables });
    await logged(worker, 'worker ready');
    return worker;
  }
}

const beds: Bed[] = [];

const logged = (worker: Service, message: string) =>
  until(message, () => worker.lines().some(({ msg }) => msg === message), { timeoutMs: 60_000 }).catch((error: unknown) => {
    throw new Error(worker.text(), { cause: error });
  });

async function killWorker(worker: Service): Promise<void> {
  worker.signal('SIGKILL');
  await worker.exited;
}

describe('a worker process (on both stores at once)', function () {
  this.timeout(120_000);
  afterEach(async () => {
    await endServices();
    for (let bed = beds.pop(); bed !== undefined; bed = beds.pop()) await bed.close();
  });

  it('killed between any two steps of a call loses nothing, and repeats under the same key what it may have done', () =>
    Scenario.playOnBoth(async (scenario) => {
      const { bed, endpoint } = scenario;
      // Claimed, and not in the queue.
      let worker = await scenario.startWorker(scenario.hook(', concurrency: 4'));
      await refuseNewJobs(bed.stores);
      await scenario.plan(1, 10);
      await bed.reach('queued', 10);
      await killWorker(worker);
      await takeNewJobs(bed.stores);
      expect(endpoint.seen).to.deep.equal([]);
      await bed.query(`update vidhuk.follow_up set claimed_at = claimed_at - interval '2 minutes'`);

      // Four calls under way, the other jobs in the queue; two of the calls are answered, and nobody can write that to the ledger.
      endpoint.holding = true;
      worker = await scenario.startWorker(scenario.hook(', concurrency: 4'));
      await until('calls are under way', () => endpoint.held.length === 4);
      await bed.reach('queued', 10);
      const begun = [...endpoint.seen];
      expect(begun).to.have.lengthOf(4);
      const block = createDataSource(bed.stores.databaseUrl, { name: 'test', poolSize: 1, log: silentLog() });
      await block.initialize();
      await block.query('begin; lock table vidhuk.follow_up in exclusive mode');
      for (const response of endpoint.held.splice(0, 2)) response.end('ok');
      await until(
        'the worker wants to record',
        async () =>
          (await bed.query(`select from pg_locks where relation = 'vidhuk.follow_up'::regclass and not granted`)).length > 0,
      );
      await killWorker(worker);
      await bed.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'vidhuk worker' and datname = current_database()`,
      );
      await block.query('rollback');
      await block.destroy();
      await bed.reach('queued', 10);

      endpoint.holding = false;
      endpoint.answer();
      await endLocks(bed.stores);
      worker = await scenario.startWorker(scenario.hook(', concurrency: 4'));
      const rows = await bed.reach('done', 10, { timeoutMs: 60_000 });
      expect(new Set(endpoint.seen)).to.deep.equal(new Set(rows.map(({ id }) => id)));
      for (const key of begun) expect(endpoint.seen.filter((seen) => seen === key).length).to.be.greaterThan(1);
      expect(await worker.stop()).to.equal(0);
    }));

  it('told to end finishes the calls that are answered, hands back the others, begins no other and exits with 0', () =>
    Scenario.playOnBoth(async (scenario) => {
      const { bed, endpoint } = scenario;
      endpoint.holding = true;
      const worker = await scenario.startWorker(scenario.hook(', concurrency: 4'));
      await scenario.plan(1, 12);
      await until('calls are under way', () => endpoint.held.length === 4);
      const started = performance.now();
      worker.signal('SIGTERM');
      await logged(worker, 'stopping');
      for (const response of endpoint.held.splice(0, 2)) response.end('ok');
      expect(await worker.exited).to.equal(0);
      expect(performance.now() - started).to.be.lessThan(25_000);
      expect(endpoint.seen).to.have.lengthOf(4);
      const counts = await bed.counts();
      expect(counts.done).to.equal(2);
      expect((await bed.rows()).map(({ attempts }) => attempts).filter((attempts) => attempts > 0)).to.deep.equal([1, 1]);
      endpoint.holding = false;
      await scenario.startWorker(scenario.hook());
      const rows = await bed.reach('done', 12, { timeoutMs: 30_000 });
      expect(new Set(endpoint.seen)).to.deep.equal(new Set(rows.map(({ id }) => id)));
      expect(endpoint.seen).to.have.lengthOf(14);
    }));

  it('takes a changed configuration on SIGHUP, and keeps the old one, saying why, when the new one is broken', () =>
    Scenario.playOnBoth(async (scenario) => {
      const { bed, endpoint } = scenario;
      const worker = await scenario.startWorker(scenario.hook(', enabled: false'));
      await scenario.plan(1, 2);
      await scenario.configure(
        '[{ name: act, when: { statsu: READ }, run: http-request }, { name: other, when: {}, run: nothing }]',
      );
      worker.signal('SIGHUP');
      await until('it is refused', () => worker.text().includes('the configuration was refused'));
      const refusal = worker.lines().find(({ msg }) => String(msg).startsWith('the configuration was refused'));
      expect(refusal?.err).to.include('actions[0].when: unknown setting "statsu": did you mean "status"?');
      expect(refusal?.err).to.include('actions[1] (other).run: there is no handler "nothing"');
      await bed.reach('waiting', 2);

      await scenario.configure(scenario.hook());
      worker.signal('SIGHUP');
      await bed.reach('done', 2);
      expect(endpoint.seen).to.have.lengthOf(2);

      // The old one is stopped, and the new one cannot start yet.
      await bed.query('alter table vidhuk.action_state rename to gone');
      await scenario.configure(scenario.hook(', concurrency: 3'));
      worker.signal('SIGHUP');
      await until('it cannot start', () => worker.text().includes('starting the actions failed, trying again'));
      await bed.query('alter table vidhuk.gone rename to action_state');
      await scenario.plan(11, 12);
      await bed.reach('done', 4);

      await scenario.configure('[]');
      worker.signal('SIGHUP');
      await until(
        'it was read again',
        () => worker.lines().filter(({ msg }) => msg === 'the configuration was read again').length === 3,
      );
      await scenario.plan(3, 4);
      await scenario.configure(scenario.hook(', concurrency: 2'));
      worker.signal('SIGHUP');
      await bed.reach('done', 6);
      expect(await worker.stop()).to.equal(0);
    }));

  it('runs the new code of a handler’s file after SIGHUP, though the settings of its action are as they were', () =>
    Scenario.playOnBoth(async (scenario) => {
      const { bed, folder, endpoint } = scenario;
      const writeHandler = (version: string) =>
        writeFile(
          join(folder, 'own.js'),
          `export default ({ defineHandler, Type }) => defineHandler({
            name: 'own', description: 'is version ${version}', params: Type.Object({}),
            run: (activities, params, { http, signal }) => http.request({
              method: 'POST', url: '${endpoint.url}', headers: { 'webhook-id': '${version}' }, signal, allowPrivateNetwork: true,
            }),
          });`,
        );
      await writeHandler('one');
      const worker = await scenario.startWorker('[{ name: act, when: {}, run: own }]\nhandlers: [./own.js]');
      await scenario.plan(1, 1);
      await bed.reach('done', 1);
      await writeHandler('two');
      worker.signal('SIGHUP');
      await logged(worker, 'the configuration was read again');
      await scenario.plan(2, 2);
      await bed.reach('done', 2);
      expect(endpoint.seen).to.deep.equal(['one', 'two']);
      expect(await worker.stop()).to.equal(0);
    }));
});
