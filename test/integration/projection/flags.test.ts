import { expect } from 'chai';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { learnTypes } from '../../../packages/worker/src/db/rows/row-array.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { foldActivities } from '../../../packages/worker/src/projection/fold.js';
import { lockOnly } from '../../../packages/worker/src/projection/lock-only.js';
import { contactRows, upsertContactStatus } from '../../../packages/worker/src/projection/sql/upsert-contact-status.js';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOfActivities, openDatabase, storedRows, type TestDatabase } from '../../support/projection.js';

const minute = (n: number): number => Date.UTC(2024, 2, 1, 12, n);
const bounce = (n: number, reason: string | null = 'no such user'): Partial<Activity> => ({
  status: 'UNDELIVERED',
  hardBounce: true,
  statusDescription: reason,
  occurredAt: minute(n),
});
const delivered = (n: number): Partial<Activity> => ({ status: 'DELIVERED', occurredAt: minute(n) });
const optOut = (n: number): Partial<Activity> => ({ status: 'UNSUBSCRIBED', occurredAt: minute(n) });
const chose = (n: number, ...subscriptions: string[]): Partial<Activity> => ({
  status: 'SUBSCRIPTION_CHANGED',
  subscriptions,
  occurredAt: minute(n),
});
const sms = (activity: Partial<Activity>): Partial<Activity> => ({ ...activity, mediaType: 'sms' });

describe('The flags of a contact', () => {
  let test: TestDatabase;
  let cases = 0;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  /** Applies them one by one, each in a transaction of its own, and gives the contact's row. */
  async function contactAfter(...activities: Partial<Activity>[]): Promise<Record<string, unknown> | undefined> {
    const source = `case-${++cases}`;
    for (const activity of activities)
      await applyBatches(test.database, [batchOfActivities(source, [complete({ ...activity, source })])]);
    return (await storedRows(test.database, source)).contacts[0];
  }

  it('a hard bounce blacklists, with its reason', async () => {
    expect(await contactAfter(bounce(1))).to.include({ blacklisted: true, blacklist_reason: 'no such user' });
  });

  it('a row that only locks writes nothing, also of a contact that may not be written to', async () => {
    await contactAfter(bounce(1));
    const source = `case-${cases}`;
    const version = () =>
      test.database.query(`select xmin::text, ctid::text from vidhuk.contact_status where source = $1`, [source]);
    const before: unknown = await version();
    const { contacts } = foldActivities([complete({ ...bounce(2), source })]);
    const turned = await inTransaction(test.database, async (client) => {
      await learnTypes(client, [contactRows]);
      return upsertContactStatus(client, contactRows.encode(contacts.map(lockOnly)));
    });
    expect(turned).to.deep.equal([]);
    // A lock alone is told by xmax.
    expect(await version()).to.deep.equal(before);
  });

  it('a later delivery through the same channel clears it, and with it when and why it was', async () => {
    const cleared = { blacklisted: false, blacklisted_at: null, blacklist_reason: null };
    expect(await contactAfter(bounce(1), delivered(2))).to.deep.include({ ...cleared, reachable: ['email'] });
  });

  it('when and why is that of the channel that is blocked now, not of one that was', async () => {
    const [mail, viber] = [bounce(1, 'mailbox gone'), { ...bounce(5, 'no such number'), mediaType: 'viber' }];
    const freed = { ...delivered(6), mediaType: 'viber' };
    expect(await contactAfter(mail, viber, freed)).to.deep.include({
      blacklisted_at: new Date(minute(1)).toISOString(),
      blacklist_reason: 'mailbox gone',
      reachable: ['viber'],
    });
  });

  it('an earlier delivery, or one of the same time, clears nothing, also when it comes later', async () => {
    expect(await contactAfter(bounce(2), delivered(1))).to.include({ blacklisted: true });
    expect(await contactAfter(bounce(2), delivered(2))).to.include({ blacklisted: true });
  });

  it('a delivery through another channel clears nothing', async () => {
    expect(await contactAfter(bounce(1), sms(delivered(2)))).to.include({ blacklisted: true });
  });

  it('a contact stays blacklisted until its last channel is cleared', async () => {
    expect(await contactAfter(bounce(1), sms(bounce(1)), delivered(2))).to.include({ blacklisted: true });
    expect(await contactAfter(bounce(1), sms(bounce(1)), delivered(2), sms(delivered(2)))).to.include({ blacklisted: false });
  });

  it('the reason is that of the latest bounce, none where it gave none', async () => {
    expect(await contactAfter(bounce(1, 'old'), bounce(2, 'new'))).to.include({ blacklist_reason: 'new' });
    expect(await contactAfter(bounce(2, 'new'), bounce(1, 'old'))).to.include({ blacklist_reason: 'new' });
    expect(await contactAfter(bounce(1, 'old'), bounce(2, null))).to.include({ blacklist_reason: null });
  });

  it('hardBounce false blacklists nobody', async () => {
    expect(await contactAfter({ ...bounce(1), hardBounce: false })).to.include({ blacklisted: false, blacklisted_at: null });
  });

  it('an opt-out holds until a later choice of a subscription; ties go to the safe side', async () => {
    expect(await contactAfter(optOut(1))).to.include({ unsubscribed: true });
    expect(await contactAfter(optOut(1), chose(2, 'news'))).to.include({ unsubscribed: false });
    expect(await contactAfter(optOut(2), chose(2, 'news'))).to.include({ unsubscribed: true });
    expect(await contactAfter(chose(3, 'news'), optOut(2))).to.include({ unsubscribed: false });
    expect(await contactAfter(chose(1, 'news'), chose(2))).to.include({ unsubscribed: true });
  });

  it('giving up all subscriptions is an opt-out of every channel, also of one that is met later; one without channels has it too', async () => {
    const everything = { ...chose(2), mediaType: null };
    expect(await contactAfter(delivered(1), sms(delivered(1)), everything)).to.deep.include({
      unsubscribed: true,
      reachable: [],
    });
    expect(await contactAfter(everything, sms(delivered(3)))).to.deep.include({ unsubscribed: true, reachable: [] });
    expect(await contactAfter(everything)).to.deep.include({
      unsubscribed: true,
      unsubscribed_at: new Date(minute(2)).toISOString(),
      opted_out_at: new Date(minute(2)).toISOString(),
    });
    expect(await contactAfter(everything, sms(delivered(3)), { ...chose(4, 'news'), mediaType: null })).to.deep.include({
      unsubscribed: false,
      reachable: ['sms'],
    });
  });

  it('a choice of a subscription ends the opt-outs of all channels, whatever channel it names, and no complaint', async () => {
    const choice = { ...chose(5, 'news'), mediaType: 'viber' };
    expect(await contactAfter(optOut(1), sms(optOut(1)), choice)).to.deep.include({ reachable: ['email', 'sms'] });
    const complaint: Partial<Activity> = { status: 'SPAM', occurredAt: minute(1) };
    expect(await contactAfter(complaint, sms(optOut(1)), choice)).to.deep.include({ unsubscribed: true, reachable: ['sms'] });
  });

  it('a change of subscriptions makes no channel, nor does an activity that names none', async () => {
    const source = `case-${++cases}`;
    const activities = [
      { ...chose(1, 'news'), mediaType: 'email' },
      { ...delivered(2), mediaType: null },
    ];
    await applyBatches(test.database, [
      batchOfActivities(
        source,
        activities.map((a) => complete({ ...a, source })),
      ),
    ]);
    const { contacts, channels } = await storedRows(test.database, source);
    expect(channels).to.deep.equal([]);
    expect(contacts[0]).to.deep.include({ reachable: [], last_delivered_at: new Date(minute(2)).toISOString() });
  });

  it('a complaint is an opt-out', async () => {
    const at = new Date(minute(1)).toISOString();
    expect(await contactAfter({ status: 'SPAM', occurredAt: minute(1) })).to.include({
      unsubscribed: true,
      unsubscribed_at: at,
      spam_reported_at: at,
    });
  });
});

describe('Values of the same time', () => {
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  for (const [name, order] of Object.entries({ 'one order': [0, 1], 'the other': [1, 0] }))
    it(`the greater by bytes wins in ${name}, where UTF-16 would say otherwise`, async () => {
      const texts = ['\u{FFFD}', '\u{1F600}'];
      const source = `ties-${order.join('')}`;
      for (const text of order.map((index) => texts[index] ?? '')) {
        const values = { email: text, phone: text, externalCustomerId: text, address: text, statusDescription: text };
        const activity = complete({ ...bounce(1), source, ...values });
        const change = complete({ source, status: 'SUBSCRIPTION_CHANGED', subscriptions: ['a', text], occurredAt: minute(1) });
        await applyBatches(test.database, [batchOfActivities(source, [activity, change])]);
      }
      const { contacts, channels } = await storedRows(test.database, source);
      const [, greater] = texts;
      expect(contacts[0]).to.deep.include({
        email: greater,
        phone: greater,
        external_customer_id: greater,
        blacklist_reason: greater,
        subscriptions: ['a', greater],
      });
      expect(channels[0]).to.include({ address: greater, blacklist_reason: greater });
    });
});
