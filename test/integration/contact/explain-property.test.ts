/** Explanations, the status as of now, and the projections are three roads to one truth. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { readContactAsOf } from '../../../packages/worker/src/contact/as-of.js';
import { explainContact } from '../../../packages/worker/src/contact/sql/explain.js';
import { ContactChannelStatusEntity } from '../../../packages/worker/src/db/entities/contact-channel-status.js';
import { ContactStatusEntity } from '../../../packages/worker/src/db/entities/contact-status.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { settleSources } from '../../../packages/worker/src/projection/settle-sources.js';
import { collidingActivity, complete } from '../../support/arbitrary-activity.js';
import { expectedRows } from '../../support/oracle.js';
import { batchOfActivities, openDatabase, type TestDatabase } from '../../support/projection.js';

/** As a pulled or exported row tells it: with less, or cut off. */
const poorer = (activity: Activity): fc.Arbitrary<Activity> =>
  fc.record({ bounce: fc.boolean(), reason: fc.boolean(), list: fc.boolean() }).map(({ bounce, reason, list }) => ({
    ...activity,
    hardBounce: bounce && activity.hardBounce,
    statusDescription: reason ? activity.statusDescription : null,
    subscriptions: list ? activity.subscriptions : null,
  }));

/** Each activity whole, and some of them again with less; in any order, in any batches. What contradicts itself under one identity is left out. */
const feed = fc
  .array(collidingActivity('main'), { minLength: 1, maxLength: 30 })
  .map((all) => [...new Map(all.map((activity) => [activity.key, activity])).values()])
  .chain((all) =>
    fc
      .tuple(...all.map((activity) => fc.array(poorer(activity), { maxLength: 2 })))
      .chain((again) => fc.shuffledSubarray([...all, ...again.flat()], { minLength: all.length + again.flat().length })),
  );

const optIns = fc.record({ endsUnsubscribed: fc.boolean(), endsComplaint: fc.boolean() });

describe('For any feed, in any order', function () {
  this.timeout(120_000);
  let test: TestDatabase;
  let cases = 0;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  it('explanations, the status as of now and the projections say the same', async () => {
    await fc.assert(
      fc.asyncProperty(feed, optIns, fc.integer({ min: 1, max: 9 }), async (activities, optIn, size) => {
        const source = `case-${++cases}`;
        await settleSources(test.database, {
          [source]: { tokens: ['t'], timeZone: 'UTC', maxAhead: '1d', workflows: {}, optIn },
        });
        const moved = activities.map((activity) => {
          const { key } = complete({ ...activity, source });
          return { ...activity, source, key: activity.iid === null ? keyOf(source, activity) : key };
        });
        for (let at = 0; at < moved.length; at += size)
          await applyBatches(test.database, [batchOfActivities(source, moved.slice(at, at + size))]);
        const contacts = await test.database.getRepository(ContactStatusEntity).findBy({ source });
        for (const contact of contacts) {
          const key = { source, contactId: contact.contactId };
          const channels = await test.database
            .getRepository(ContactChannelStatusEntity)
            .find({ where: key, order: { mediaType: 'ASC' } });
          const explained = await explainContact(test.database, key);
          expect(explained.filter(({ agrees }) => !agrees)).to.deep.equal([]);
          for (const [scope, row] of [['contact', contact], ...channels.map((each) => [each.mediaType, each] as const)] as const)
            for (const { what, value } of explained.filter((each) => each.scope === scope)) {
              const stored = (row as unknown as Record<string, unknown>)[
                what.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
              ];
              expect(value, `${what} of ${scope}`).to.equal(asText(stored));
            }
          const asOfNow = await readContactAsOf(test.database, key, { asOf: new Date('2100-01-01'), knownAt: null }, 0);
          expect(withoutNames(asOfNow?.contact)).to.deep.equal(withoutNames(contact));
          expect(asOfNow?.channels.map(withoutNames)).to.deep.equal(channels.map(withoutNames));
        }
      }),
      { numRuns: 120 },
    );
  });

  it('the status as of a time is that of what happened by then, and had been received by then', async () => {
    const wholes = fc
      .array(collidingActivity('main'), { minLength: 1, maxLength: 20 })
      .map((all) => [...new Map(all.map((activity) => [activity.key, activity])).values()]);
    const receivedAt = (batch: number) => new Date(Date.UTC(2024, 2, 2) + batch * 60_000);
    await fc.assert(
      fc.asyncProperty(wholes, fc.nat(5), fc.nat(10), async (activities, second, batches) => {
        const source = `case-${++cases}`;
        const moved = activities.map((activity) => ({ ...activity, source, key: keyOf(source, activity) }));
        for (const [nth, activity] of moved.entries())
          await applyBatches(test.database, [{ ...batchOfActivities(source, [activity]), receivedAt: receivedAt(nth) }]);
        const asOf = new Date(Date.UTC(2024, 2, 1) + second * 1_000);
        const happened = ({ occurredAt }: Activity) => occurredAt <= asOf.getTime();
        for (const contactId of [1, 2, 3])
          for (const knownAt of [null, receivedAt(batches)]) {
            const known = await readContactAsOf(test.database, { source, contactId }, { asOf, knownAt }, 0);
            const received = knownAt === null ? moved : moved.slice(0, batches + 1);
            expect(flagsOf(known)).to.deep.equal(expectedFlags(received.filter(happened), contactId));
          }
      }),
      { numRuns: 80 },
    );
  });
});

/** As the oracle's rows below, by scope. */
function flagsOf(known: Awaited<ReturnType<typeof readContactAsOf>>): Record<string, unknown> {
  if (known === null) return {};
  const { contact, channels } = known;
  const flags: Record<string, unknown> = { contact: [contact.blacklisted, contact.unsubscribed, contact.reachable] };
  for (const { mediaType, blacklisted, unsubscribed, mayWrite } of channels)
    flags[mediaType] = [blacklisted, unsubscribed, mayWrite];
  return flags;
}

function expectedFlags(activities: readonly Activity[], contactId: number): Record<string, unknown> {
  const { contacts, channels } = expectedRows(activities.filter((activity) => activity.contactId === contactId));
  const flags: Record<string, unknown> = {};
  for (const row of contacts) flags.contact = [row.blacklisted, row.unsubscribed, row.reachable];
  for (const row of channels) flags[String(row.media_type)] = [row.blacklisted, row.unsubscribed, row.may_write];
  return flags;
}

/** Of an activity without iid its element is the identity; here its whole telling is, whatever a poorer one leaves out. */
const keyOf = (source: string, activity: Activity): string =>
  complete({ source, iid: activity.key, occurredAt: activity.occurredAt, status: activity.status }).key;

const asText = (value: unknown): unknown =>
  value instanceof Date
    ? value.toISOString()
    : Array.isArray(value)
      ? value.join(', ')
      : typeof value === 'boolean'
        ? String(value)
        : value;

/** What the log's row does not hold stands in bodies, which these batches have none of. */
function withoutNames(row: object | undefined): object {
  const named = ['email', 'phone', 'externalCustomerId', 'address', 'formerAddresses'];
  const left = [...named, ...named.map((name) => `${name}At`), 'updatedAt', 'optedOutAt'];
  const isContact = row !== undefined && 'reachable' in row;
  return Object.fromEntries(
    Object.entries(row ?? {}).filter(([name]) => (isContact && name === 'optedOutAt') || !left.includes(name)),
  );
}
