import { expect } from 'chai';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { runCli, runCliAtKeyboard, runCliProcess } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const sound = { activityStatus: 'READ', activityDateTime: '2024-03-01T08:00:00', iid: 'a', mediaType: 'email' };
/** Members of an object that would change all objects, or at least this one, where JSON is merged carelessly. */
const hostile = `"__proto__":{"hardBounce":true,"email":"polluted@example.com","polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x","hasOwnProperty":1`;
const withHostile = (value: object) => JSON.stringify(value).replace(/}$/, `,${hostile}}`);

describe('JSON that a command reads cannot write to what all objects share:', function () {
  this.timeout(60_000);
  const shared = [Object.prototype, Array.prototype, Function.prototype, String.prototype] as const;
  const namesOf = () => shared.map((object) => Object.getOwnPropertyNames(object));
  const untouched = namesOf();
  let test: TestDatabase;
  let folder: string;
  let receiver: Receiver;
  let variables: Record<string, string>;
  before(async () => {
    test = await openDatabase();
    receiver = await startReceiver();
    folder = await makeTemporaryDirectory();
    const url = `${receiver.url}/{{ activity.externalCustomerId }}`;
    await writeFile(
      join(folder, 'vidhuk.yaml'),
      `
sources: { main: { tokens: [x] } }
actions:
  - name: tell
    when: {}
    run: http-request
    with: { url: "${url}", allowPrivateNetwork: true }
  - name: platform
    when: {}
    run: esputnik-request
    with: { call: unsubscribe, apiKey: an-api-key, baseUrl: "${receiver.url}", allowPrivateNetwork: true }
`,
    );
    variables = { DATABASE_URL: test.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') };
  });
  after(async () => {
    await receiver.close();
    await test.drop();
  });
  afterEach('it did not', () => {
    expect(namesOf()).to.deep.equal(untouched);
    expect({}).to.not.have.property('polluted');
    expect({}).to.not.have.property('hardBounce');
  });

  const fileOf = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o700 });
    return join(folder, name);
  };
  const reject = async (element: string): Promise<string> => {
    const { projector } = createProjector(test.database);
    await projector.project([batchOf(`[${element}]`)]);
    const [row] = await test.database.query<{ id: number }[]>('select max(id) as id from vidhuk.rejected_activity');
    return String(row?.id);
  };
  const landed = async (iid: string): Promise<unknown> => {
    const rows = await test.database.query<object[]>(
      `select status, hard_bounce, (select email from vidhuk.contact_status c where c.contact_id = a.contact_id) as email
       from vidhuk.activity a where iid = $1`,
      [iid],
    );
    return rows[0];
  };
  const asSent = { status: 'READ', hard_bounce: false, email: null };

  it('actions test --activity', async () => {
    const file = await fileOf('activity.json', withHostile({ ...sound, contactId: 1, externalCustomerId: '__proto__' }));
    const { code } = await runCli(variables, 'actions', 'test', 'tell', '--activity', file);
    expect(code).to.equal(0);
    const [call] = receiver.calls.splice(0);
    expect(call?.path).to.equal('/__proto__');
    expect(JSON.parse(call?.body ?? '')).to.deep.nested.include({ 'activity.hardBounce': false, 'activity.email': null });
    expect(call?.body).to.not.include('polluted');
  });

  it('actions test, from what the receiver and the platform answer', async () => {
    const file = await fileOf('activity.json', JSON.stringify({ ...sound, contactId: 1, email: 'a@example.com' }));
    for (const [index, name] of ['tell', 'platform'].entries()) {
      receiver.reply({
        status: index === 0 ? 200 : 400,
        headers: { constructor: 'x', 'x-__proto__': 'y' },
        body: withHostile({ ok: 1 }),
      });
      const { code, stdout } = await runCli(variables, 'actions', 'test', name, '--activity', file);
      expect(code).to.equal(index);
      expect(stdout).to.include('constructor: x').and.to.include('"__proto__":{');
      const { json } = await runCli(variables, 'actions', 'test', name, '--activity', file, '--json');
      expect(json()).to.have.property('ok', true);
    }
  });

  it('quarantine retry --set', async () => {
    const id = await reject(withHostile({ ...sound, iid: 'set', contactId: 'two' }));
    const assignments = [
      'contactId=2',
      '__proto__.hardBounce=true',
      '__proto__={"hardBounce":true}',
      'constructor.prototype.polluted=1',
    ];
    const { code, stdout } = await runCli(
      variables,
      'quarantine',
      'retry',
      id,
      ...assignments.flatMap((each) => ['--set', each]),
    );
    expect(stdout).to.include('landed');
    expect(code).to.equal(0);
    expect(await landed('set')).to.deep.equal(asSent);
  });

  it('quarantine retry --edit, and show', async () => {
    const id = await reject(withHostile({ ...sound, iid: 'edit', contactId: 'three' }));
    expect((await runCli(variables, 'quarantine', 'show', id)).stdout).to.match(/"__proto__": {\n +"hardBounce": true/);
    const editor = await fileOf('editor.sh', `#!/bin/sh\nsed -i 's/"contactId": "three"/"contactId": 3/' "$1"\n`);
    const { code } = await runCliAtKeyboard({ ...variables, EDITOR: editor }, 'quarantine', 'retry', id, '--edit');
    expect(code).to.equal(0);
    expect(await landed('edit')).to.deep.equal(asSent);
  });

  it('verify --ledger, which then compares what the elements say themselves', async () => {
    const { projector } = createProjector(test.database);
    const elements = [withHostile({ ...sound, iid: 'ledger', contactId: 4 }), withHostile({ ...sound, iid: [7] })];
    await projector.project([batchOf(`[${elements.join()}]`)]);
    const line = withHostile({ at: '', source: 'main', acknowledged: true, elements }).replace(
      /}$/,
      `,"broken":{"1":"iid-list","__proto__":"iid-list","constructor":"iid-list"}}\n`,
    );
    const ledger = await fileOf('ledger', line);
    const { json, code } = await runCli(variables, 'verify', '--ledger', ledger, '--json');
    expect(json()).to.deep.include({ equal: true, totals: {} });
    expect(code).to.equal(0);
    await fileOf('ledger', line.replace('"acknowledged":true,', '').replace('"hardBounce":true', '"acknowledged":true'));
    expect((await runCli(variables, 'verify', '--ledger', ledger)).stderr).to.include('line 1: not a ledger entry');
  });

  it('run.json of a running "npm start": what is not its own is no setting', async () => {
    const home = join(folder, 'home');
    await mkdir(home);
    await writeFile(
      join(home, 'run.json'),
      `{"__proto__":{"DATABASE_URL":"${test.url}"},"constructor":{"DATABASE_URL":"${test.url}"}}`,
    );
    const { code, stderr } = await runCliProcess({ VIDHUK_HOME: home }, 'vidhuk contact 1');
    expect(stderr).to.equal('vidhuk: nothing runs here: npm start, or set DATABASE_URL\n');
    expect(code).to.equal(2);
  });
});
