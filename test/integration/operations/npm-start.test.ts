/** `npm start` as a new user has it, mostly without npm: the script that it runs, with an empty folder for its data. */
import { expect } from 'chai';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../../packages/cli/src/system/ports.js';
import { send } from '../../support/http.js';
import { rejection, until } from '../../support/poll.js';
import { runProgram, type RunningProgram } from '../../support/running-program.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

type Variables = Readonly<Record<string, string>>;

const start = (variables: Variables, ...args: string[]) =>
  runProgram(process.execPath, ['scripts/start.mjs', ...args], variables);
const vidhuk = (variables: Variables, ...args: string[]) =>
  runProgram(process.execPath, ['packages/cli/bin/vidhuk.mjs', ...args], variables);

/** Without those that tell of a step that takes long. */
const linesOf = ({ text }: RunningProgram) =>
  text()
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('…'));

describe('npm start', function () {
  this.timeout(600_000);
  this.slow(60_000);
  let home: string;
  let variables: Record<string, string>;
  let started: RunningProgram | undefined;
  before(async () => {
    home = await makeTemporaryDirectory();
    variables = { VIDHUK_HOME: home, INGRESS_PORT: '0', ADMIN_PORT: '0' };
  });
  after(async () => {
    started?.kill('SIGINT');
    await started?.exited;
  });

  /** Gives the webhook's URL, from the curl that it prints. */
  async function begin(running = start(variables)): Promise<string> {
    const { exited, text } = (started = running);
    const early = exited.then((how) => Promise.reject(new Error(`it ended (${how}):\n${text()}`)));
    const printed = until('it prints a curl', () => /curl .* (http:\S+)/.exec(text())?.[1], { timeoutMs: 500_000 });
    early.catch(() => undefined); // later it may
    return Promise.race([printed, early]).catch(async (error: unknown) => {
      running.kill('SIGINT'); // the next test wants to begin one
      await exited;
      throw error;
    });
  }
  async function contact(): Promise<string> {
    const cli = vidhuk({ VIDHUK_HOME: home }, 'contact', 'test1@yourdomain.com');
    expect(await cli.exited, cli.text()).to.equal(0);
    return cli.text();
  }
  const tokenOf = (webhook: string) => webhook.split('/').at(-1);
  let first: string;

  it('ends in a webhook that takes the sample, and the command line shows its contact', async () => {
    first = await begin();
    for (const step of ['dependencies', 'build', 'PostgreSQL', 'migrations', 'worker', 'ingress', 'Admin', 'psql'])
      expect(started?.text()).to.include(step);
    const body = await readFile('test/samples/bulk.json');
    expect((await send(first, { method: 'POST', body })).status).to.equal(200);
    const shown = await until('the contact is known', contact, { timeoutMs: 60_000 });
    expect(shown).to.include('May we write to this contact?');
  });

  it('prints a psql URL of support, which reads only, and apart from it the owner’s', async () => {
    const [, support = ''] = /Support +psql '(\S+)' +reads only/.exec(started?.text() ?? '') ?? [];
    const [, owner = ''] = /Owner +psql '(\S+)' +may change everything/.exec(started?.text() ?? '') ?? [];
    expect(new URL(support).username).to.not.equal(new URL(owner).username);
    const left = JSON.parse(await readFile(join(home, 'run.json'), 'utf8')) as Record<string, string>;
    expect(left).to.include({ SUPPORT_DATABASE_URL: support, DATABASE_URL: owner });
    const client = new pg.Client({ connectionString: support });
    await client.connect();
    try {
      const { rows } = await client.query(
        `select count(*)::integer as count from contact_status where email = 'test1@yourdomain.com'`,
      );
      expect(rows).to.deep.equal([{ count: 1 }]);
      expect(await rejection(client.query('delete from contact_status'))).to.have.property('code', '25006');
      await client.query('set transaction_read_only = off; set default_transaction_read_only = off');
      expect(await rejection(client.query('delete from contact_status'))).to.have.property('code', '42501');
    } finally {
      await client.end();
    }
  });

  it('is refused in one line where it runs already', async () => {
    const second = start(variables);
    expect(await second.exited).to.equal(2);
    expect(linesOf(second)).to.have.length(1);
    expect(second.text()).to.match(/already runs on .*stop it first/);
  });

  it('is refused in one line where its port is in use, which names another one', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const other = vidhuk({ ...variables, VIDHUK_HOME: join(home, 'other'), INGRESS_PORT: String(port) }, 'start');
    expect(await other.exited).to.equal(2);
    server.close();
    expect(linesOf(other)).to.have.length(1);
    expect(other.text()).to.match(new RegExp(`Port ${port} is in use: .* INGRESS_PORT=\\d+ npm start`));
  });

  it('is refused in one line where ingress and admin would have the same port', async () => {
    const port = String(await freePort());
    const other = vidhuk({ VIDHUK_HOME: join(home, 'other'), INGRESS_PORT: port, ADMIN_PORT: port }, 'start');
    expect(await other.exited).to.equal(2);
    expect(linesOf(other)).to.have.length(1);
    expect(other.text()).to.match(new RegExp(`INGRESS_PORT and ADMIN_PORT are both ${port}: .* ADMIN_PORT=\\d+ npm start`));
  });

  it('tells every problem of the configuration once, before anything starts', async () => {
    const config = join(home, 'wrong.yaml');
    await writeFile(config, 'sources: { main: { tokens: [a], timeZone: Mars/Base } }\nactoins: []\n');
    const otherHome = join(home, 'other');
    const other = vidhuk({ ...variables, VIDHUK_HOME: otherHome, VIDHUK_CONFIG: config, LOG_LEVEL: 'loud' }, 'start');
    expect(await other.exited).to.equal(2);
    const [title, ...problems] = linesOf(other);
    expect(title).to.equal('vidhuk: 3 problems in the configuration:');
    expect(problems).to.have.length(3);
    for (const problem of ['LOG_LEVEL must be one of', 'did you mean "actions"?', 'sources.main.timeZone: is not a time zone'])
      expect(problems.filter((line) => line.includes(problem))).to.have.length(1);
    expect(existsSync(join(otherHome, 'postgres'))).to.equal(false);
  });

  it('is refused in one line where no folder can be made', async () => {
    const other = vidhuk({ ...variables, VIDHUK_HOME: '/proc/vidhuk' }, 'start'); // there, Node's recursive mkdir never ends
    expect(await other.exited).to.equal(2);
    expect(linesOf(other)).to.have.length(1);
    expect(other.text()).to.match(/\/proc\/vidhuk cannot be written .* choose another folder: VIDHUK_HOME=/);
  }).timeout(120_000);

  it('goes on with its data and its token after a crash', async () => {
    started?.kill('SIGKILL');
    expect(await started?.exited).to.equal('SIGKILL');
    expect(tokenOf(await begin())).to.equal(tokenOf(first));
    expect(await contact()).to.include('May we write to this contact?');
  });

  /** Of everything that runs now; the script's own comes first. */
  async function pidsOfAll(): Promise<[number, ...number[]]> {
    const { pid, services } = JSON.parse(await readFile(join(home, 'instance.json'), 'utf8')) as {
      pid: number;
      services: Record<string, { pid: number }>;
    };
    const database = Number((await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    const pids: [number, ...number[]] = [pid, database, ...Object.values(services).map(({ pid }) => pid)];
    expect(pids.length).to.be.at.least(4);
    for (const pid of pids) process.kill(pid, 0);
    return pids;
  }
  async function expectNone(pids: number[]): Promise<void> {
    for (const pid of pids) {
      const error = await rejection(Promise.resolve().then(() => process.kill(pid, 0)));
      expect(error, `process ${pid}`).to.have.property('code', 'ESRCH');
    }
  }

  it('leaves no process behind after Ctrl-C', async () => {
    const pids = await pidsOfAll();
    started?.kill('SIGINT');
    expect(await started?.exited, started?.text()).to.equal(0);
    await expectNone(pids);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    it(`leaves no process behind when npm itself gets a ${signal}`, async () => {
      await begin(runProgram('npm', ['start'], variables));
      const [script, ...others] = await pidsOfAll();
      started?.kill(signal);
      const isOver = () => started?.text().includes('stop PostgreSQL');
      await until('it has stopped everything', isOver, { timeoutMs: 40_000 }).catch((error: unknown) => {
        process.kill(script, 'SIGTERM');
        throw error;
      });
      await started?.exited; // not before the script, which has npm's output, has ended
      await expectNone(others);
    });

  it('prints the first source of the configuration with its first token, and ends when a service refuses that configuration', async () => {
    const config = join(home, 'vidhuk.yaml');
    await writeFile(config, 'sources: { shop: { tokens: [new-token, old-token] }, main: { tokens: [${VIDHUK_MAIN_TOKEN}] } }\n');
    const webhook = await begin(vidhuk({ ...variables, VIDHUK_CONFIG: config }, 'start'));
    expect(new URL(webhook).pathname).to.equal('/webhooks/esputnik/shop/new-token');
    expect((await send(webhook, { method: 'POST', body: '[]' })).status).to.equal(200);
    const [, ...others] = await pidsOfAll();
    await writeFile(config, 'sources: {}\n');
    process.kill(others.at(-1)!, 'SIGKILL');
    expect(await started?.exited, started?.text()).to.equal(2);
    expect(started?.text().match(/sources: must NOT have fewer than 1/g), started?.text()).to.have.length(1);
    await expectNone(others);
  });
});

describe('npm start -- --help', () => {
  it('tells the settings, before anything is installed', async () => {
    const help = runProgram(process.execPath, ['scripts/start.mjs', String(process.pid), '--help'], {});
    expect(await help.exited).to.equal(0);
    for (const setting of ['VIDHUK_HOME', 'INGRESS_PORT', 'DATABASE_URL', 'npm run dev']) expect(help.text()).to.include(setting);
    expect(help.text()).to.not.include('dependencies ');
  });

  it('is the help of vidhuk start, too', async () => {
    const help = runProgram(process.execPath, ['packages/cli/bin/vidhuk.mjs', 'start', '--help'], {});
    expect(await help.exited).to.equal(0);
    expect(help.text()).to.include((await readFile('scripts/start-help.txt', 'utf8')).trim());
  });
});
