import { expect } from 'chai';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actionsCommand } from '../../../packages/cli/src/commands/actions.js';
import { contactCommand } from '../../../packages/cli/src/commands/contact.js';
import { doctorCommand } from '../../../packages/cli/src/commands/doctor.js';
import { followUpsCommand } from '../../../packages/cli/src/commands/follow-ups.js';
import { migrateCommand } from '../../../packages/cli/src/commands/migrate.js';
import { quarantineCommand } from '../../../packages/cli/src/commands/quarantine.js';
import { searchCommand } from '../../../packages/cli/src/commands/search.js';
import { simulateCommand } from '../../../packages/cli/src/commands/simulate.js';
import { verifyCommand } from '../../../packages/cli/src/commands/verify.js';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const statements = [
  `'; drop table vidhuk.contact_status cascade; --`,
  `' or '1'='1`,
  `main' union select body from vidhuk.batch --`,
  `$1); delete from vidhuk.activity; --`,
  `\\'; truncate vidhuk.activity; --`,
  `:ids`,
  `%' escape '`,
  `\u02bc; drop table vidhuk.batch; --`,
];

const configuration = `
sources: { main: { tokens: [x] } }
actions:
  - { name: note, when: { status: READ }, run: log }
`;

const commands = [
  contactCommand,
  searchCommand,
  quarantineCommand,
  doctorCommand,
  migrateCommand,
  actionsCommand,
  followUpsCommand,
  simulateCommand,
  verifyCommand,
];

/** Every place for a value of every command: `contact <who>`, `contact --source`. */
function placesOf(command: ReturnType<typeof contactCommand>, above = ''): string[] {
  const name = `${above}${command.name()}`;
  return [
    ...command.registeredArguments.map((argument) => `${name} <${argument.name()}>`),
    ...command.options.filter(({ required, optional }) => required || optional).map(({ long }) => `${name} ${long}`),
    ...command.commands.flatMap((sub) => placesOf(sub, `${name} `)),
  ];
}

describe('command lines that hold SQL', function () {
  this.timeout(120_000);
  let test: TestDatabase;
  let folder: string;
  let element: string;
  let ledger: string;
  before(async () => {
    test = await openDatabase();
    folder = await makeTemporaryDirectory();
    await writeFile(join(folder, 'vidhuk.yaml'), configuration);
    const { projector } = createProjector(test.database);
    const sound = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', contactId: 1, email: 'a@example.com' };
    await projector.project([batchOf([sound, { broken: true }])]);
    const [row] = await test.database.query<{ id: number }[]>('select id from vidhuk.rejected_activity');
    element = String(row?.id);
    ledger = join(folder, 'ledger');
    const entry = { at: '', source: 'main', acknowledged: true, elements: [JSON.stringify(sound)], broken: {} };
    await writeFile(ledger, `${JSON.stringify(entry)}\n`);
  });
  after(() => test.drop());

  const rows = async (): Promise<unknown> =>
    test.database
      .query(`select (select count(*) from vidhuk.activity) as activities, (select count(*) from vidhuk.contact_status) as contacts,
      (select count(*) from vidhuk.rejected_activity where resolved_at is null) as rejections, (select count(*) from vidhuk.batch) as batches,
      (select count(*) from vidhuk.follow_up) as follow_ups`);

  /** Beside what stands in the place: no command shall end before it gets there for want of something else. */
  const others: Record<string, () => string[]> = {
    'contact --source': () => ['a@example.com'],
    'contact --limit': () => ['a@example.com'],
    'search --source': () => ['a@example.com'],
    'search --limit': () => ['a@example.com'],
    'quarantine retry --source': () => ['--all', '--yes'],
    'quarantine retry --reason': () => ['--all', '--yes'],
    'quarantine retry --since': () => ['--all', '--yes'],
    'quarantine retry --set': () => [element],
    'quarantine discard --source': () => ['--all', '--yes'],
    'quarantine discard --reason': () => ['--all', '--yes'],
    'quarantine discard --since': () => ['--all', '--yes'],
    'actions disable --reason': () => ['note'],
    'actions test --activity': () => ['note'],
    'actions backtest --since': () => ['note'],
    'follow-ups retry --action': () => ['--yes'],
    'follow-ups cancel --action': () => ['--yes'],
    'verify --timeout': () => ['--ledger', ledger],
    'verify --time-zone': () => ['--ledger', ledger, '--timeout', '0.001'],
  };
  /** Nobody listens there, and nobody is to be asked twice. */
  const nowhere = ['--url', 'http://127.0.0.1:1/', '--no-check', '--activities', '1', '--max-attempts', '1'];
  /** What names a file names one in the folder of this test. */
  const values: Record<string, (text: string) => string> = {
    'simulate --ledger': (text) => join(folder, `ledger of ${text}`),
    'verify --ledger': (text) => join(folder, text),
    'quarantine retry --set': (text) => `activityStatus=${text}`,
  };

  const places = commands.flatMap((command) => placesOf(command({})));
  it('have many places', () => {
    expect(places.length).to.be.greaterThan(50);
    expect(places).to.include.members([...Object.keys(others), ...Object.keys(values)]);
  });

  for (const place of places)
    it(`${place} takes it for data`, async () => {
      const before = await rows();
      const words = place.split(' ');
      const last = words.pop() ?? '';
      for (const text of statements) {
        const value = (values[place] ?? String)(text);
        const ofSimulate = words[0] === 'simulate' ? nowhere.filter((_, index) => nowhere[index - (index % 2)] !== last) : [];
        const own = last.startsWith('<') ? [value] : [`${last}=${value}`];
        const { code, stdout, stderr } = await runCli(
          { DATABASE_URL: test.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') },
          ...[...words, ...(others[place]?.() ?? []), ...ofSimulate, ...own],
        );
        expect(code, text).to.be.oneOf([0, 1, 2]);
        expect(`${stdout}${stderr}`, text).to.not.match(/syntax error|unterminated|does not exist at character|unknown option/i);
      }
      expect(await rows()).to.deep.equal(before);
    });

  it('keep it as it was given, where it is kept', async () => {
    const variables = { DATABASE_URL: test.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') };
    for (const reason of statements) {
      await runCli(variables, 'actions', 'enable', 'note');
      await runCli(variables, 'actions', 'disable', 'note', '--reason', reason);
      const [row] = await test.database.query<{ reason: string }[]>('select disabled_reason as reason from vidhuk.action_state');
      expect(row?.reason).to.equal(reason);
    }
    expect(await readdir(folder), 'ledgers').to.include.members(statements.map((text) => `ledger of ${text}`));
  });

  it('and a ledger that holds it, in its sources and in every text of its elements, is compared as it is', async () => {
    const { projector } = createProjector(test.database);
    const lines: string[] = [];
    for (const [index, source] of statements.entries()) {
      const texts = ['email', 'iid', 'mediaType', 'statusDescription', 'externalCustomerId', 'sms', 'messageName', 'messageTag'];
      const hostile = { ...Object.fromEntries(texts.map((name) => [name, source])), contactId: index + 2 };
      const elements = [
        { activityDateTime: '2024-03-01T08:00:00', activityStatus: source, ...hostile },
        { ...hostile, iid: [7] },
      ];
      await projector.project([batchOf(elements, { source })]);
      const broken = { 1: 'iid-list' };
      const entry = { at: source, source, acknowledged: true, elements: elements.map((each) => JSON.stringify(each)), broken };
      lines.push(`${JSON.stringify(entry)}\n`);
    }
    await writeFile(join(folder, 'hostile.ledger'), lines.join(''));
    const { code, json } = await runCli(
      { DATABASE_URL: test.url },
      'verify',
      '--ledger',
      join(folder, 'hostile.ledger'),
      '--json',
    );
    expect(json()).to.deep.include({ equal: true, totals: {} });
    expect(json()).to.have.property('checked').that.includes({ activities: statements.length, rejections: statements.length });
    expect(code).to.equal(0);
  });
});
