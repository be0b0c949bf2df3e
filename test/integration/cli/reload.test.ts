import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOf } from '../../../packages/cli/src/system/processes.js';
import { endServices, startService, type Service } from '../../support/processes.js';
import { startReadyWorker } from '../../support/ready-worker.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { openStores, type Stores } from '../../support/stores.js';

const adminToken = 'admin-of-this-reload';

describe('vidhuk reload', function () {
  this.timeout(120_000);
  let stores: Stores;
  let home: string;
  let file: string;
  let services: { ingress: Service; worker: Service };
  let variables: Record<string, string>;

  const configure = (tokens: string, more = '') =>
    writeFile(file, `queue: { allowVolatile: true }\nsources: { main: { tokens: [${tokens}]${more} } }\n`);
  /** As `npm start` leaves it. */
  const noteServices = (startOfIngress: string) =>
    writeFile(
      join(home, 'instance.json'),
      JSON.stringify({
        services: {
          ingress: { pid: services.ingress.pid, start: startOfIngress },
          worker: { pid: services.worker.pid, start: startOf(services.worker.pid) },
        },
      }),
    );
  /** What doctor says of it, with its marks. */
  const inForce = async (more: Record<string, string> = {}) => {
    const { stdout } = await runCli({ ...variables, ...more }, 'doctor');
    return stdout.split('\n').flatMap((line) => {
      const [, mark, text] = /^(\S) configuration in force\s+(.*)$/.exec(line) ?? [];
      return mark === undefined || text === undefined ? [] : [{ mark, text }];
    });
  };

  before(async () => {
    stores = await openStores('postgres');
    home = await makeTemporaryDirectory();
    file = join(home, 'vidhuk.yaml');
    await configure('"first-${WORD}"');
    const settings = { ...stores, config: '', adminToken, variables: { VIDHUK_CONFIG: file, WORD: 'hush' } };
    services = { ingress: await startService('ingress', settings), worker: await startReadyWorker(settings) };
    const portOf = async (service: Service) => new URL(await service.address()).port;
    variables = {
      DATABASE_URL: stores.databaseUrl,
      QUEUE_URL: stores.queueUrl,
      VIDHUK_CONFIG: file,
      VIDHUK_HOME: home,
      ADMIN_TOKEN: adminToken,
      WORD: 'hush',
      INGRESS_PORT: await portOf(services.ingress),
      ADMIN_PORT: await portOf(services.worker),
    };
    await noteServices(startOf(services.ingress.pid));
  });
  after(async () => {
    await endServices();
    await stores.drop();
  });

  it('tells per process what it took and what waits for a restart, and doctor sees the difference before and after', async () => {
    expect((await inForce()).map(({ mark }) => mark)).to.deep.equal(['✓', '✓']);
    await configure('"first-${WORD}", second', ', timeZone: Europe/Kyiv');
    for (const { mark, text } of await inForce()) {
      expect(mark).to.equal('!');
      expect(text).to.match(/^the (ingress|worker) runs .*vidhuk\.yaml as of 2/);
    }
    const before = await runCli(variables, 'status');
    expect(before.stdout.replace(/\s+/g, ' ')).to.match(/the worker runs \S+ as of 2/);
    const { code, stdout } = await runCli(variables, 'reload');
    expect(stdout.trimEnd().split('\n')).to.deep.equal([
      'ingress  taken: tokens of main (1 new, 0 gone)',
      'ingress  timeZone of main waits for a restart',
      'worker   nothing to take has changed',
    ]);
    expect(code).to.equal(0);
    expect((await inForce()).map(({ text }) => text)).to.deep.equal([
      `the ingress runs ${file} as it is`,
      'timeZone of main waits for a restart of the ingress',
      `the worker runs ${file} as it is`,
    ]);
  });

  it('says no where the file is refused, with every problem', async () => {
    await writeFile(file, 'sources: {}\nqueu: {}\n');
    const { code, stdout } = await runCli(variables, 'reload');
    expect(code).to.equal(1);
    expect(stdout).to.match(/^ingress {2}refused, that of 2.* stays in force\./m);
    expect(stdout.match(/did you mean "queue"/g)).to.have.length(2);
    // What waited before the refusal waits still.
    const told = (await inForce()).map(({ text }) => text).filter((text) => !text.includes('waits'));
    for (const [index, name] of ['ingress', 'worker'].entries())
      expect(told[index]).to.match(new RegExp(`^the ${name} has refused .*vidhuk.yaml and runs that of 2`));
    await configure('first');
    expect((await runCli(variables, 'reload')).code).to.equal(0);
  });

  it('has doctor tell variables of another value from a changed file', async () => {
    await configure('"first-${WORD}"');
    await runCli(variables, 'reload');
    for (const { text } of await inForce({ WORD: 'other' })) expect(text).to.include('with other values of its variables');
  });

  it('leaves a process alone that has the pid of one of ours, and says how it is done where nothing of ours runs', async () => {
    await noteServices('another beginning');
    const one = await runCli(variables, 'reload', '--json');
    expect((one.json() as { name: string }[]).map(({ name }) => name)).to.deep.equal(['worker']);
    const none = await runCli({ ...variables, VIDHUK_HOME: '/nonexistent' }, 'reload');
    expect(none.code).to.equal(2);
    expect(none.stderr).to.include('docker compose kill -s HUP ingress ingress-2 worker');
  });
});
