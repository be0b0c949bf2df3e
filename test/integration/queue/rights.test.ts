import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectionFailure, openDurableStore, openQueueStore } from '../../../packages/shared/src/index.js';
import { runStatement } from '../../support/empty-database.js';
import { silentLog } from '../../support/log-lines.js';
import { ownRedis, type OwnServer } from '../../support/own-server.js';
import { rejection } from '../../support/poll.js';
import { runCli } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { sendRedis } from '../../support/stores.js';

describe('A user of Redis without a right that is needed', function () {
  this.timeout(60_000);
  before(needsRedisServer);
  let server: OwnServer;
  let url: string;
  before(async () => {
    server = await ownRedis();
    url = Object.assign(new URL(server.url), { username: 'poor', password: 'of-tests' }).href;
  });
  after(() => server.stop());

  const lacking: Readonly<Record<string, [rules: string, named: RegExp]>> = {
    'to run scripts': ['~* &* +@all -eval', /'eval' command/],
    'to run scripts that are known': ['~* &* +@all -evalsha', /'evalsha' command/],
    'to write': ['~* &* +@all -set', /'set' command/],
    'to ask for the version': ['~* &* +@all -info', /'info' command/],
    'to the keys': ['~other:* &* +@all', /keys/],
    'to the keys of the batches': ['~{vidhuk}:writable &* +@all', /keys/],
  };
  const patience = () => ({ log: silentLog(), signal: AbortSignal.timeout(10_000) });
  const settings = { allowVolatile: true, lockMs: 30_000, fullAtPercent: 90, keepFinished: 'off' };
  const grant = (rules: string) => sendRedis(server.url, `ACL SETUSER poor reset on >of-tests ${rules}`);

  for (const [what, [rules, named]] of Object.entries(lacking))
    it(`${what} is told at the start in one sentence that says what to do, and not waited for`, async () => {
      await grant(rules);
      const failure = await rejection(openDurableStore(url, settings, patience()));
      expect(failure).to.be.instanceOf(ConnectionFailure).and.have.property('canHeal', false);
      expect(failure.message)
        .to.match(
          /^the user "poor" may not do what is needed on the server at .* give it these commands \(deploy\/redis\/users\.acl\)/,
        )
        .and.match(named)
        .and.not.match(/of-tests|\n/);
    });

  it('is told by "vidhuk doctor" in the same words', async () => {
    await grant(lacking['to run scripts']![0]);
    const file = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(file, 'sources: { main: { tokens: [test-token-test-token] } }\n');
    const nowhere = 'postgres://u:p@127.0.0.1:1/d';
    const variables = { DATABASE_URL: nowhere, QUEUE_URL: url, VIDHUK_CONFIG: file, INGRESS_PORT: '1', ADMIN_PORT: '1' };
    const { code, stdout } = await runCli(variables, 'doctor');
    expect(stdout).to.match(/the user "poor" may not do what is needed .*'eval' command/);
    expect(code).to.equal(1);
  });

  it('opens with the rights that deploy/redis/users.acl gives', async () => {
    const users = await readFile(new URL('../../../deploy/redis/users.acl', import.meta.url), 'utf8');
    const rules = [...users.matchAll(/^user \w+ reset on >\S+ (.*)$/gm)].map(([, rule]) => rule!);
    expect(rules).to.have.length(2);
    for (const rule of rules) await opensWith(rule);
  });
  const opensWith = async (rule: string) => {
    await grant(rule);
    const store = await openDurableStore(url, settings, patience());
    await store.close();
  };
});

describe('A queue on PostgreSQL', () => {
  it('says that it takes nothing where jobs cannot be added, whatever else the server writes', async () => {
    const database = await createDatabase();
    const store = await openQueueStore(database.url, () => undefined);
    await store.checkWritable();
    await runStatement(database.url, 'alter schema bullmq rename to elsewhere');
    expect((await rejection(store.checkWritable())).message).to.match(/bullmq\.job.* does not exist/);
    await runStatement(database.url, 'alter schema elsewhere rename to bullmq');
    await store.checkWritable();
    await store.close();
    await database.drop();
  });
});
