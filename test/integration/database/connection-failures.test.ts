import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../packages/cli/src/system/ports.js';
import { runStatement } from '../../support/empty-database.js';
import { until } from '../../support/poll.js';
import { endServices, startService } from '../../support/processes.js';
import { runCli, runCliProcess } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const config = 'sources: { main: { tokens: [test-token-test-token] } }\nqueue: { allowVolatile: true }\n';

describe('A database that cannot be reached', function () {
  this.timeout(60_000);
  const role = `vidhuk_many_${process.pid}`;
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let urls: Record<string, string>;
  let variables: Record<string, string>;

  before(async () => {
    database = await createDatabase();
    await runStatement(database.url, `create role ${role} login password 'of-tests' connection limit 0`);
    const changed = (change: Partial<URL>) => Object.assign(new URL(database.url), change).href;
    urls = {
      'no password': changed({ password: '' }),
      'a wrong password': changed({ password: 'wrong-and-secret' }),
      'a refused connection': changed({ port: String(await freePort()) }),
      'an unknown host': changed({ hostname: 'no-such-host.invalid' }),
      'a database that does not exist': changed({ pathname: 'no_such_database' }),
      'too many connections': changed({ username: role, password: 'of-tests' }),
    };
    const file = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(file, config);
    variables = { VIDHUK_CONFIG: file, INGRESS_PORT: '1', ADMIN_PORT: '1' };
  });
  after(async () => {
    await endServices();
    await runStatement(database.url, `drop role ${role}`);
    await database.drop();
  });

  const told: Readonly<Record<string, RegExp>> = {
    'no password': /DATABASE_URL has no password, .*: write postgres:\/\/\w+:PASSWORD@/,
    'a wrong password': /refuses the password of the user "\w+": mend it in DATABASE_URL/,
    'a refused connection': /nothing listens at [\w.]+:\d+ \(connection refused\): start it, or mend DATABASE_URL/,
    'an unknown host': /the host of no-such-host\.invalid:\d+ is unknown: mend its name in DATABASE_URL/,
    'a database that does not exist': /has no database "no_such_database": make it with "create database"/,
    'too many connections': /has no free connection \(too many clients\): end some/,
  };
  for (const [what, expected] of Object.entries(told)) {
    for (const command of ['contact 1', 'migrate', 'quarantine list'])
      it(`because of ${what} is told by "vidhuk ${command}" in one line that says what to do`, async () => {
        const { code, stdout, stderr } = await runCli({ DATABASE_URL: urls[what] ?? '', ...variables }, ...command.split(' '));
        expect(stderr).to.match(expected);
        expect(stderr.trimEnd().split('\n')).to.have.length(1);
        expect(stderr + stdout).not.to.match(/SASL|wrong-and-secret/);
        expect(code).to.equal(2);
      });
    it(`because of ${what} is told by "vidhuk doctor" in the same words`, async () => {
      const { stdout } = await runCli({ DATABASE_URL: urls[what] ?? '', ...variables }, 'doctor');
      expect(stdout).to.match(expected);
      expect(stdout).not.to.match(/SASL|wrong-and-secret/);
    });
  }

  it('for want of a password keeps no command waiting for the server to hang up', async () => {
    for (const command of ['contact 1', 'migrate', 'doctor']) {
      const started = Date.now();
      await runCliProcess({ DATABASE_URL: urls['no password'] ?? '', ...variables }, `vidhuk ${command}`);
      expect(Date.now() - started, command).to.be.lessThan(20_000); // the server’s patience is 60 s
    }
  });

  const final = { worker: ['no password'], ingress: ['a wrong password', 'a database that does not exist'] };
  for (const name of ['worker', 'ingress'] as const) {
    for (const what of final[name])
      it(`because of ${what} ends the ${name} at once, exit code 78`, async () => {
        const url = urls[what] ?? '';
        const service = await startService(name, { databaseUrl: url, queueUrl: url, config });
        expect(await service.exited).to.equal(78);
        const fatal = service.lines().filter(({ level }) => level === 60);
        expect(fatal.map(({ msg }) => String(msg).replaceAll('QUEUE_URL (DATABASE_URL where that is not set)', 'DATABASE_URL')))
          .to.have.length(1)
          .and.to.satisfy(([msg = '']: string[]) => told[what]?.test(msg));
        expect(service.text()).not.to.match(/SASL|wrong-and-secret|trying again/);
      });

    it(`for as long as nothing listens is waited for by the ${name}, which says so once`, async () => {
      const url = urls['a refused connection'] ?? '';
      const service = await startService(name, { databaseUrl: url, queueUrl: url, config, variables: { LOG_LEVEL: 'debug' } });
      const retries = () => service.lines().filter(({ msg }) => String(msg).endsWith('failed, trying again'));
      await until('it tries a third time', () => expect(retries()).to.have.length.at.least(3), { timeoutMs: 30_000 });
      const warnings = retries().filter(({ level }) => level === 40);
      expect(warnings).to.have.length(1);
      expect(warnings[0]?.err).to.match(/nothing listens at .* \(connection refused\)/);
      await service.stop();
    });
  }
});
