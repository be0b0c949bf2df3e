import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

describe('what every command says when it cannot do its work', function () {
  this.timeout(180_000); // each command is loaded when it is asked for

  const unusable: [string, string[], RegExp][] = [
    ['an unknown command', ['contatc', 'x'], /^unknown command 'contatc' \(Did you mean contact\?\)$/],
    ['an unknown option', ['contact', '--no-such'], /^unknown option '--no-such'$/],
    ['a missing argument', ['search'], /^missing required argument 'text'$/],
    ['a bad value', ['contact', 'x', '--limit', 'many'], /^option '--limit <n>' argument 'many' is invalid/],
    ['two names of one contact', ['contact', 'x', '--id', '7'], /^say who, in one way/],
    ['no database', ['contact', 'x'], /^nothing runs here: npm start, or set DATABASE_URL$/],
  ];
  for (const [what, args, message] of unusable)
    it(`${what}: one line, or an envelope and nothing else; exit code 2`, async () => {
      const plain = await runCli({}, ...args);
      expect([plain.code, plain.stdout]).to.deep.equal([2, '']);
      expect(plain.stderr).to.match(/^vidhuk: [^\n]*\n$/);
      const json = await runCli({}, ...args, '--json');
      expect([json.code, json.stderr]).to.deep.equal([2, '']);
      expect(json.failure().message).to.match(message);
    });

  it('of a configuration tells every problem, in the envelope as a list', async () => {
    const file = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(file, 'sources: {}\nsource: 5\nactionz: []\n');
    const variables = { VIDHUK_CONFIG: file, DATABASE_URL: 'postgres://127.0.0.1:1/none' };
    const { problems = [] } = (await runCli(variables, 'actions', 'list', '--json')).failure();
    expect(problems).to.have.lengthOf.at.least(2);
    const { stderr } = await runCli(variables, 'actions', 'list');
    expect(stderr).to.match(/^vidhuk: \d problems in the configuration:\n {2}- /);
  });

  it('takes "--json" for data behind "--"', async () => {
    const { stdout, stderr } = await runCli({}, 'search', '--', '--json');
    expect([stdout, stderr]).to.deep.equal(['', 'vidhuk: nothing runs here: npm start, or set DATABASE_URL\n']);
  });

  for (const command of [
    'contact x',
    'search x',
    'status',
    'quarantine list',
    'follow-ups list',
    'doctor',
    'migrate',
    'verify --ledger x',
    'actions list',
    'actions test x',
    'actions backtest x',
    'actions replay x --since 7d',
    'quarantine retry 1',
    'retention',
    'rebuild --check',
    'erase x --dry-run',
    'replay --since 1h',
    'import --source main none.csv',
    'quarantine retry --from none.ndjson',
    'reconcile --source main --from 1d --from-road file --file none.csv',
    'reconcile --source main --from 1d',
  ])
    it(`${command}: that nothing runs here, where there is no database`, async () => {
      const { code, stderr } = await runCli({}, ...command.split(' '));
      expect([code, stderr]).to.deep.equal([2, 'vidhuk: nothing runs here: npm start, or set DATABASE_URL\n']);
    });
});
