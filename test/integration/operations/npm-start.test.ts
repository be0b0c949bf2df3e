/** `npm start` as a new user has it, mostly without npm: the script that it runs, with an empty folder for its data. */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { send } from '../../support/http.js';
import { rejection, until } from '../../support/poll.js';
import { reapProcess } from '../../support/services/reaper.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

interface Run {
  kill: (signal: NodeJS.Signals) => void;
  text: () => string;
  exited: Promise<number | NodeJS.Signals>;
}

const run = (script: 'start' | 'vidhuk', variables: Record<string, string>, ...args: string[]) =>
  runProgram(process.execPath, [`scripts/${script}.mjs`, ...args], variables);

function runProgram(file: string, args: string[], variables: Record<string, string>): Run {
  const { PATH, HOME } = process.env;
  const child = spawn(file, args, {
    env: { PATH, HOME, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { ended } = reapProcess(child.pid!, 'SIGINT');
  let text = '';
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const exited = once(child, 'close').then(([code, signal]) => {
    ended();
    return (signal ?? code) as number | NodeJS.Signals;
  });
  return { kill: (signal) => void child.kill(signal), text: () => text, exited };
}

describe('npm start', function () {
  this.timeout(300_000);
  this.slow(60_000);
  let home: string;
  let variables: Record<string, string>;
  let started: Run | undefined;
  before(async () => {
    home = await makeTemporaryDirectory();
    variables = { VIDHUK_HOME: home, INGRESS_PORT: '0', ADMIN_PORT: '0' };
  });
  after(async () => {
    started?.kill('SIGINT');
    await started?.exited;
  });

  /** Gives the webhook's URL, from the curl that it prints. */
  async function start(running = run('start', variables)): Promise<string> {
    const { exited, text } = (started = running);
    const early = exited.then((how) => Promise.reject(new Error(`it ended (${how}):\n${text()}`)));
    const printed = until('it prints a curl', () => /curl .* (http:\S+)/.exec(text())?.[1], { timeoutMs: 120_000 });
    early.catch(() => undefined); // later it may
    return Promise.race([printed, early]);
  }
  async function contact(): Promise<string> {
    const cli = run('vidhuk', { VIDHUK_HOME: home }, 'contact', 'test1@yourdomain.com');
    expect(await cli.exited, cli.text()).to.equal(0);
    return cli.text();
  }
  const tokenOf = (webhook: string) => webhook.split('/').at(-1);
  let first: string;

  it('ends in a webhook that takes the sample, and the command line shows its contact', async () => {
    first = await start();
    for (const step of ['dependencies', 'build', 'PostgreSQL', 'migrations', 'worker', 'ingress', 'Admin', 'psql'])
      expect(started?.text()).to.include(step);
    const body = await readFile('test/samples/bulk.json');
    expect((await send(first, { method: 'POST', body })).status).to.equal(200);
    const shown = await until('the contact is known', contact, { timeoutMs: 60_000 });
    expect(shown).to.include('May we write to this contact?');
  });

  it('is refused in one line where it runs already', async () => {
    const second = run('start', variables);
    expect(await second.exited).to.equal(1);
    expect(second.text().trim().split('\n')).to.have.length(1);
    expect(second.text()).to.match(/already runs on .*stop it first/);
  });

  it('is refused in one line where its port is in use, which names another one', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const other = run('start', { ...variables, VIDHUK_HOME: join(home, 'other'), INGRESS_PORT: String(port) });
    expect(await other.exited).to.equal(1);
    server.close();
    expect(other.text().trim().split('\n')).to.have.length(1);
    expect(other.text()).to.match(new RegExp(`Port ${port} is in use: .* INGRESS_PORT=\\d+ npm start`));
  });

  it('is refused in one line where no folder can be made', async () => {
    const other = run('start', { ...variables, VIDHUK_HOME: '/proc/vidhuk' }); // there, Node's recursive mkdir never ends
    expect(await other.exited).to.equal(1);
    expect(other.text().trim().split('\n')).to.have.length(1);
    expect(other.text()).to.match(/\/proc\/vidhuk cannot be written .* choose another folder: VIDHUK_HOME=/);
  }).timeout(20_000);

  it('goes on with its data and its token after a crash', async () => {
    started?.kill('SIGKILL');
    expect(await started?.exited).to.equal('SIGKILL');
    expect(tokenOf(await start())).to.equal(tokenOf(first));
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
      await start(runProgram('npm', ['start'], variables));
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
});
