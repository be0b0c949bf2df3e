/** The questions of docs/support.md, each run as it stands there, by the role that support gets. */
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { fillDatabase } from '../../support/fill-database.js';
import { createDatabase } from '../../support/services/database.js';
import { unpublishedPayloads } from '../../support/unpublished-payloads.js';
import { withVariables } from '../../docs/sql/psql-variables.js';
import { readQuestions } from '../../docs/sql/read-questions.js';

const dayMs = 86_400_000;
const email = { mediaType: 'email' };

function activitiesOf(now: Date): unknown[] {
  const text = (time: number) => new Date(time).toISOString().slice(0, 19);
  const noonOf = (daysAgo: number) => text((Math.floor(now.getTime() / dayMs) - daysAgo) * dayMs + dayMs / 2);
  return [
    { ...email, contactId: 1, email: 'bounced@example.com', activityStatus: 'DELIVERED', activityDateTime: noonOf(2), iid: 'a' },
    {
      ...email,
      contactId: 1,
      email: 'bounced@example.com',
      activityStatus: 'UNDELIVERED',
      hardBounce: true,
      statusDescription: '5.1.1 unknown user',
      activityDateTime: noonOf(1),
      iid: 'b',
    },
    {
      ...email,
      contactId: 2,
      email: 'left@example.com',
      activityStatus: 'UNSUBSCRIBED',
      activityDateTime: text(now.getTime()),
      iid: 'c',
    },
    {
      contactId: 5,
      email: 'all@example.com',
      activityStatus: 'SUBSCRIPTION_CHANGED',
      statusData: { subscription: { subscriptions: [] } },
      activityDateTime: noonOf(30),
      iid: 'g',
    },
    { ...email, contactId: 3, email: 'sleepy@example.com', activityStatus: 'READ', activityDateTime: noonOf(100), iid: 'd' },
    { ...email, contactId: 3, email: 'sleepy@example.com', activityStatus: 'DELIVERED', activityDateTime: noonOf(3), iid: 'e' },
    { ...email, contactId: 4, email: 'reader@example.com', activityStatus: 'DELIVERED', activityDateTime: noonOf(3), iid: 'f' },
    { ...email, contactId: 4, email: 'reader@example.com', activityStatus: 'READ', activityDateTime: noonOf(2), iid: 'f' },
  ];
}

describe('the questions of support', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let support: pg.Client;
  let queries: Map<string, string>;

  before(async () => {
    queries = await readQuestions('docs/support.md');
    database = await createDatabase();
    support = new pg.Client({ connectionString: database.url, options: '-c timezone=UTC' });
    await support.connect();
    await support.query('set role vidhuk_support');
    // In one transaction now() stands still: no midnight comes between the activities and the questions.
    await support.query('begin');
    const { rows } = await support.query<{ now: Date }>('select now()');
    const samples = [await readFile('test/samples/bulk.json'), await readFile('test/samples/triggered.json')];
    await fillDatabase(database.url, [...samples, JSON.stringify(activitiesOf(rows[0]!.now))]);
    await fillDatabase(database.url, [JSON.stringify(unpublishedPayloads)], 'on-site');
  });
  after(async () => {
    await support.end();
    await database.drop();
  });

  /** `values`: for what `\\set` says. */
  const answer = async (question: string, values?: Record<string, string>): Promise<Record<string, unknown>[]> =>
    (await support.query<Record<string, unknown>>(withVariables(queries.get(question) ?? '', values))).rows;

  it('are eight, each with its SQL, and the same in the Ukrainian page', async () => {
    expect([...queries.keys()]).to.have.lengthOf(8);
    expect([...queries.values()]).to.not.include('');
    expect([...(await readQuestions('docs/support.uk.md')).values()]).to.deep.equal([...queries.values()]);
  });

  it('may we mail this address? One row per contact that has it', async () => {
    const rows = await answer('May we mail this address?');
    expect(rows.map(({ contact_id, may_write }) => [contact_id, may_write])).to.have.deep.members([
      ['1967597908', true],
      ['889891911', true],
    ]);
  });

  it('may we mail this address? Not when it bounced, not when its contact has left', async () => {
    const question = 'May we mail this address?';
    const [bounced] = await answer(question, { address: 'Bounced@example.com' });
    expect(bounced).to.include({
      contact_id: '1',
      may_write: false,
      blacklist_reason: '5.1.1 unknown user',
      unsubscribed_at: null,
    });
    const [left] = await answer(question, { address: 'left@example.com' });
    expect(left).to.include({ contact_id: '2', may_write: false, blacklisted_at: null });
    const [leftAll] = await answer(question, { address: 'all@example.com' });
    expect(leftAll, 'an opt-out that names no channel').to.include({ contact_id: '5', may_write: false });
    expect(await answer(question, { address: "o'nobody@example.com" })).to.deep.equal([]);
  });

  it('who was blacklisted yesterday, and why?', async () => {
    const rows = await answer('Who was blacklisted yesterday, and why?');
    expect(rows.map(({ media_type, address, blacklist_reason }) => [media_type, address, blacklist_reason])).to.deep.equal([
      ['email', 'bounced@example.com', '5.1.1 unknown user'],
    ]);
    expect(await answer('Who was blacklisted yesterday, and why?', { day: 'today' })).to.deep.equal([]);
  });

  it('who unsubscribed this week?', async () => {
    const rows = await answer('Who unsubscribed this week?');
    expect(rows.map(({ address, complained_of_spam }) => [address, complained_of_spam])).to.deep.equal([
      ['left@example.com', false],
    ]);
    expect(await answer('Who unsubscribed this week?', { weeks_ago: '1' })).to.deep.equal([]);
  });

  it('who has not opened anything for 90 days, though mails arrive? Not who gets them since yesterday', async () => {
    const rows = await answer('Who has not opened anything for 90 days?');
    expect(rows.map((row) => row.address)).to.deep.equal(['sleepy@example.com']);
    const ofTwoDays = await answer('Who has not opened anything for 90 days?', { days: '1' });
    expect(ofTwoDays, 'no mail came yesterday').to.deep.equal([]);
  });

  it('what happened to one contact? The vendor’s sample, newest first', async () => {
    const rows = await answer('What happened to one contact?');
    expect(rows.map(({ status, detail }) => [status, detail])).to.deep.equal([
      ['UNDELIVERED', '5.1.2 (bad destination system: no such domain)'],
      ['DELIVERED', null],
    ]);
  });

  it('why is a contact as it is? The vendor’s sample: the bounce was a soft one', async () => {
    const rows = await answer('Why is a contact as it is?');
    const flags = rows.filter(({ scope, what }) => scope === 'email' && ['may_write', 'blacklisted'].includes(String(what)));
    expect(flags.map(({ what, value, agrees }) => [what, value, agrees])).to.deep.equal([
      ['may_write', 'true', true],
      ['blacklisted', 'false', true],
    ]);
    expect(rows.find(({ scope, what }) => scope === 'email' && what === 'last_undelivered_at')).to.include({
      status: 'UNDELIVERED',
      reason: '5.1.2 (bad destination system: no such domain)',
      origin: 'webhook',
    });
  });

  it('why do mails bounce, by domain?', async () => {
    const rows = await answer('Why do mails bounce, by domain?');
    expect(rows.map(({ domain, reason, bounces }) => [domain, reason, bounces])).to.have.deep.members([
      ['example.com', '5.1.1 unknown user', '1'],
      ['yourdomain.com', '5.1.2 (bad destination system: no such domain)', '1'],
    ]);
  });

  it('what did widgets bring? As the command tells it', async () => {
    const rows = await answer('What did widgets bring?');
    const popup = rows.find(({ message_name }) => message_name === 'Spring popup');
    expect(popup).to.deep.include({
      source: 'on-site',
      message_id: '700',
      views: '8',
      unique_views: '4',
      subscriptions: '3',
      clicks: '1',
      conversion_percent: '37.5',
    });
    expect(await answer('What did widgets bring?', { media_type: 'inapp' })).to.have.lengthOf(2);
    expect(await answer('What did widgets bring?', { since: '2026-03-11' })).to.deep.equal([]);
  });
});
