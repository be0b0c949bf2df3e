import { expect } from 'chai';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';

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

describe('command lines that hold SQL', function () {
  this.timeout(120_000);
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
    const { projector } = createProjector(test.database);
    const sound = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', contactId: 1, email: 'a@example.com' };
    await projector.project([batchOf([sound, { broken: true }])]);
  });
  after(() => test.drop());

  const rows = async (): Promise<unknown> =>
    test.database
      .query(`select (select count(*) from vidhuk.activity) as activities, (select count(*) from vidhuk.contact_status) as contacts,
      (select count(*) from vidhuk.rejected_activity where resolved_at is null) as rejections, (select count(*) from vidhuk.batch) as batches`);

  /** Every place of every command that reads from people and asks the database. */
  const commands: ((text: string) => string[])[] = [
    (text) => ['contact', text],
    (text) => ['contact', 'a@example.com', '--source', text],
    (text) => ['contact', 'a@example.com', '--limit', text],
    (text) => ['quarantine', 'list', '--source', text],
    (text) => ['quarantine', 'list', '--reason', text],
    (text) => ['quarantine', 'list', '--since', text],
    (text) => ['quarantine', 'show', text],
    (text) => ['quarantine', 'retry', text],
    (text) => ['quarantine', 'retry', '--source', text, '--yes'],
    (text) => ['quarantine', 'discard', text],
    (text) => ['quarantine', 'discard', '--reason', text, '--yes'],
    (text) => ['follow-ups', 'list', '--action', text],
    (text) => ['follow-ups', 'list', '--state', text],
    (text) => ['follow-ups', 'list', '--contact', text],
    (text) => ['follow-ups', 'show', text],
    (text) => ['follow-ups', 'retry', text],
    (text) => ['follow-ups', 'cancel', '--action', text, '--yes'],
    (text) => ['actions', 'show', text],
    (text) => ['actions', 'enable', text],
    (text) => ['actions', 'disable', text],
    (text) => ['actions', 'backtest', text, '--since', text],
  ];
  for (const command of commands)
    it(`${command('…').join(' ')} takes it for data`, async () => {
      const before = await rows();
      for (const text of statements) {
        const { code, stdout, stderr } = await runCli({ DATABASE_URL: test.url, VIDHUK_MAIN_TOKEN: 'x' }, ...command(text));
        expect(code, text).to.be.oneOf([0, 1, 2]);
        expect(`${stdout}${stderr}`, text).to.not.match(/syntax error|unterminated|does not exist at character/i);
      }
      expect(await rows()).to.deep.equal(before);
    });
});
