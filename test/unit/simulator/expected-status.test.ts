import { expect } from 'chai';
import fc from 'fast-check';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { foldActivities, timeOf } from '../../../packages/worker/src/projection/fold.js';
import { contactTimeColumns } from '../../../packages/worker/src/projection/rules.js';
import { type ExpectedContact, ExpectedStatuses, type StatusActivity } from '../../../packages/simulator/src/expected-status.js';
import { generateBatches } from '../../../packages/simulator/src/generate.js';
import { Random } from '../../../packages/simulator/src/random.js';
import { statuses } from '../../support/arbitrary-activity.js';

const HOUR = 3_600_000;

const activity = (status: string, hour: number, changes: Partial<StatusActivity> = {}): StatusActivity => ({
  source: 'main',
  contactId: 1,
  mediaType: 'email',
  status,
  occurredAt: hour * HOUR,
  hardBounce: false,
  statusDescription: null,
  subscriptions: null,
  address: null,
  email: null,
  phone: null,
  externalCustomerId: null,
  ...changes,
});
const fold = (...activities: StatusActivity[]): ExpectedContact => {
  const statuses = new ExpectedStatuses();
  for (const one of activities) statuses.add(one);
  const [contact] = statuses.contacts();
  if (!contact) throw new Error('no contact');
  return contact;
};
const hardBounce = (hour: number, statusDescription: string | null = null) =>
  activity('UNDELIVERED', hour, { hardBounce: true, statusDescription });

const anyActivity: fc.Arbitrary<StatusActivity> = fc.record({
  source: fc.constant('main'),
  contactId: fc.option(fc.integer({ min: 1, max: 3 })),
  mediaType: fc.constantFrom('email', 'sms'),
  status: fc.constantFrom(...statuses),
  occurredAt: fc.integer({ min: 1, max: 6 }),
  hardBounce: fc.boolean(),
  statusDescription: fc.option(fc.constantFrom('a', 'b')),
  subscriptions: fc.option(fc.subarray(['x', 'y', 'я'])),
  address: fc.option(fc.constantFrom('a@example.com', 'я@example.com')),
  email: fc.option(fc.constantFrom('a@example.com', 'b@example.com', '\u{1F600}', '\uFFFD')),
  phone: fc.option(fc.constantFrom('1', '2')),
  externalCustomerId: fc.option(fc.constantFrom('1', '2')),
});

describe('ExpectedStatuses', () => {
  it('comes out the same for every order and every repetition', () => {
    fc.assert(
      fc.property(fc.array(anyActivity), fc.integer(), (activities, seed) => {
        const rows = (list: StatusActivity[]) => {
          const statuses = new ExpectedStatuses();
          for (const one of list) statuses.add(one);
          const byChannel = ({ channels, ...rest }: ExpectedContact) => ({ ...rest, channels: new Map([...channels].sort()) });
          return [...statuses.contacts()].map(byChannel).sort((a, b) => a.contactId - b.contactId);
        };
        const random = new Random(seed);
        const shuffled = [...activities, ...activities].map((one) => ({ one, key: random.uint32() }));
        expect(rows(shuffled.sort((a, b) => a.key - b.key).map(({ one }) => one))).to.deep.equal(rows(activities));
      }),
    );
  });

  it('blacklists with a hard bounce until something is delivered later', () => {
    expect(fold(hardBounce(1, '5.1.1')).contact).to.include({
      blacklisted: true,
      blacklisted_at: HOUR,
      blacklist_reason: '5.1.1',
    });
    expect(fold(hardBounce(1), activity('DELIVERED', 2)).contact.blacklisted).to.be.false;
    expect(fold(hardBounce(2), activity('DELIVERED', 2)).contact.blacklisted, 'a tie').to.be.true;
    expect(fold(activity('UNDELIVERED', 1)).contact).to.include({
      blacklisted: false,
      blacklisted_at: null,
      last_undelivered_at: HOUR,
    });
  });

  it('takes a contact for blacklisted when one channel is, whatever was delivered on another', () => {
    const { contact, channels } = fold(hardBounce(1), activity('DELIVERED', 2, { mediaType: 'sms' }));
    expect([contact.blacklisted, channels.get('email')?.blacklisted, channels.get('sms')?.blacklisted]).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect(contact.last_delivered_at).to.equal(2 * HOUR);
  });

  it('takes a complaint and an emptied list of subscriptions for an opt-out, and a filled one for the way back', () => {
    const changed = (hour: number, subscriptions: string[] | null) => activity('SUBSCRIPTION_CHANGED', hour, { subscriptions });
    expect(fold(activity('SPAM', 1)).contact).to.include({ unsubscribed: true, unsubscribed_at: HOUR, spam_reported_at: HOUR });
    expect(fold(changed(1, [])).contact).to.deep.include({ unsubscribed: true, unsubscribed_at: HOUR, subscriptions: [] });
    expect(fold(activity('UNSUBSCRIBED', 1), changed(2, ['news'])).contact).to.deep.include({
      unsubscribed: false,
      subscriptions: ['news'],
    });
    expect(fold(activity('UNSUBSCRIBED', 2), changed(2, ['news'])).contact.unsubscribed, 'a tie').to.be.true;
    expect(fold(changed(1, []), changed(2, ['news'])).contact.unsubscribed, 'everything given up, and something taken again').to
      .be.false;
    expect(fold(changed(2, []), changed(1, ['news'])).contact.unsubscribed, 'the other way round').to.be.true;
    expect(fold(changed(1, null)).contact).to.include({ unsubscribed: false, resubscribed_at: null, subscriptions: null });
  });

  it('moves only the last activity with a status that it does not know', () => {
    const { contact } = fold(activity('CONVERTED', 3), activity('READ', 1));
    expect(contact).to.include({
      first_activity_at: HOUR,
      last_activity_at: 3 * HOUR,
      last_opened_at: HOUR,
      last_clicked_at: null,
    });
  });

  it('shows the address that came last', () => {
    const { contact, channels } = fold(
      activity('READ', 2, { email: 'new@example.com', address: 'new@example.com' }),
      activity('READ', 1, { email: 'old@example.com', address: 'old@example.com', phone: '380' }),
      activity('READ', 3),
    );
    expect(contact).to.include({ email: 'new@example.com', phone: '380', external_customer_id: null });
    expect(channels.get('email')?.address).to.equal('new@example.com');
  });

  it('agrees with the times that the projection folds', () => {
    const statuses = new ExpectedStatuses();
    const activities = [...generateBatches({ seed: 8, activities: 1_000, contacts: 60 })].flatMap(
      ({ body }) => parseBatch(Buffer.from(body), { source: 'main', timeZone: 'UTC' }).activities,
    );
    for (const one of activities) statuses.add(one);
    const projected = new Map(foldActivities(activities).contacts.map((row) => [row.contactId, row]));
    for (const { contactId, contact } of statuses.contacts()) {
      const row = projected.get(contactId)!;
      const { email, subscriptions } = row;
      for (const column of contactTimeColumns) expect(contact[column], column).to.equal(timeOf(row, column) ?? null);
      expect(contact.email).to.equal(email?.value ?? null);
      expect(contact.subscriptions).to.deep.equal(subscriptions?.value ?? null);
    }
    expect(statuses.size).to.equal(projected.size);
  });
});
