import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillDatabase } from '../../support/fill-database.js';
import { startActivityApi, type ActivityApi } from '../../support/platform/activity-api.js';
import { sourceOf } from '../../support/platform/source-of.js';
import { runCli } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const activity = { activityDateTime: '2026-03-01T10:00:00', mediaType: 'email', email: 'ann@example.com', contactId: 5 };
const chosen = {
  ...activity,
  activityStatus: 'SUBSCRIPTION_CHANGED',
  iid: 'b',
  statusData: { subscription: { subscriptions: ['news', 'gone'] } },
};

interface Finding {
  check: string;
  level: string;
  text: string;
}

describe('What the platform does not tell by itself', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let api: ActivityApi;
  let variables: Record<string, string>;
  before(async () => {
    database = await createDatabase();
    await fillDatabase(database.url, [JSON.stringify([{ ...activity, activityStatus: 'READ', iid: 'a' }, chosen])]);
  });
  after(() => database.drop());
  beforeEach(async () => {
    api = await startActivityApi([]);
    const file = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(file, `sources: { main: ${sourceOf({ api })}, bare: { tokens: [token-of-bare-1] } }\n`);
    variables = { DATABASE_URL: database.url, VIDHUK_CONFIG: file, INGRESS_PORT: '1', ADMIN_PORT: '1' };
  });
  afterEach(() => api.close());

  const doctor = async (...args: string[]): Promise<Partial<Record<string, Finding>>> => {
    const findings = (await runCli(variables, 'doctor', '--json', ...args)).json() as Finding[];
    return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
  };
  const check = 'API of the platform';

  it('doctor asks, of one source, whether the key is alive and may read, and which categories there are', async () => {
    api.resources.set('/api/v1/subscriptions', [{ id: 1, key: 'news', name: 'News' }]);
    const findings = await doctor('--source', 'main');
    expect(findings[check]).to.include({ level: 'ok', text: 'the key is alive, and may read activities' });
    expect(findings.categories).to.include({ level: 'warning' });
    expect(findings.categories?.text).to.equal('seen in SUBSCRIPTION_CHANGED, but not a category of the platform: gone');
  });

  it('doctor says what to do about a dead key, and asks nobody unless a source is named', async () => {
    api.answer({ status: 401, body: '{}' });
    expect((await doctor('--source', 'main'))[check]?.text).to.include('switched off because nothing used it for 90 days');
    expect((await doctor('--source', 'bare'))[check]?.text).to.include('has no "platform: { apiKey }"');
    expect((await doctor('--source', 'nobody'))[check]?.text).to.include('there is no source "nobody"');
    const asked = api.requests.length;
    expect((await doctor())[check]).to.equal(undefined);
    expect(api.requests.length).to.equal(asked);
  });

  it('contact --platform shows what the platform says now beside what we hold, and marks what differs', async () => {
    api.resources.set('/api/v1/contact/5', {
      channels: [
        { type: 'email', value: 'ann@new.example' },
        { type: 'sms', value: '380956490955' },
      ],
    });
    api.resources.set('/api/v1/contact/5/subscriptions', { subscriptions: ['gone', 'news'] });
    api.resources.set('/api/v2/contacts/messages', [
      { dateTime: '2026-03-01T09:00:00', mediaType: 'email', status: 'READ', name: 'Hello' },
    ]);
    const { code, stdout } = await runCli(variables, 'contact', '5', '--platform');
    expect(code).to.equal(0);
    expect(stdout).to.match(/e-mail +ann@new\.example +ann@example\.com +differs/);
    expect(stdout)
      .to.match(/phone +380956490955 +none +differs/)
      .and.to.match(/subscriptions +gone, news +gone, news\n/);
    expect(stdout).to.match(/2026-03-01T09:00:00 +email +READ +Hello/);
    api.resources.set('/api/v1/contact/5/subscriptions', ['news']);
    expect((await runCli(variables, 'contact', '5', '--platform')).stdout).to.match(/subscriptions +news +gone, news +differs/);
  });

  it('contact --platform tells what was not answered, and needs a key', async () => {
    const answer = (await runCli(variables, 'contact', '5', '--platform', '--json')).json() as {
      platform: { now: { problems: string[] } };
    }[];
    expect(answer[0]?.platform.now.problems).to.have.length(3);
    await fillDatabase(database.url, [JSON.stringify([{ ...activity, activityStatus: 'READ', iid: 'c', contactId: 6 }])], 'bare');
    const { code, stderr } = await runCli(variables, 'contact', '6', '--platform');
    expect([code, stderr.includes('sources.bare has no "platform: { apiKey }" in the configuration')]).to.deep.equal([2, true]);
  });
});
