import { expect } from 'chai';
import fc from 'fast-check';
import {
  compareLists,
  compareText,
  foldActivities,
  timeOf,
  type ChannelRow,
  type ContactRow,
  type Fold,
} from '../../../packages/worker/src/projection/fold.js';
import { channelTimeColumns, contactTimeColumns, type TimeColumn } from '../../../packages/worker/src/projection/rules.js';
import { collidingActivity, complete, tyingTexts } from '../../support/arbitrary-activity.js';
import { expectedRows, sortRows, type ExpectedRows, type Row } from '../../support/oracle.js';

const activities = fc.array(fc.oneof(collidingActivity('one'), collidingActivity('two')), { maxLength: 40 });

describe('foldActivities', () => {
  it('gives what a plain reading of the table gives', () => {
    fc.assert(
      fc.property(activities, (drawn) => {
        expect(asRows(foldActivities(drawn))).to.deep.equal(withoutFlags(expectedRows(drawn)));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same for every order and any repetition', () => {
    const reordered = activities.chain((drawn) =>
      fc.tuple(fc.constant(drawn), fc.shuffledSubarray([...drawn, ...drawn, ...drawn], { minLength: 3 * drawn.length })),
    );
    fc.assert(
      fc.property(reordered, ([drawn, again]) => {
        expect(foldActivities(again)).to.deep.equal(foldActivities(drawn));
      }),
      { numRuns: 200 },
    );
  });

  it('gives each row once, in the one order in which locks are taken', () => {
    fc.assert(
      fc.property(activities, (drawn) => {
        const { contacts, channels } = foldActivities(drawn);
        for (const rows of [contacts, channels]) {
          const keys = rows.map((row) => [row.source, row.contactId, 'mediaType' in row ? row.mediaType : ''].join(' '));
          expect(keys).to.deep.equal([...new Set(keys)].sort());
        }
      }),
    );
  });

  it('remembers so many addresses that a channel had, the greatest by bytes, and not the one that it has', () => {
    const had = (count: number) =>
      Array.from({ length: count }, (_, nth) => complete({ contactId: 1, occurredAt: nth, address: `${String(nth).padStart(3, '0')}@example.com` })); // prettier-ignore
    const [channel] = foldActivities(had(60)).channels;
    expect(channel?.address?.value).to.equal('059@example.com');
    expect([channel?.formerAddresses?.[0], channel?.formerAddresses?.length]).to.deep.equal(['010@example.com', 49]);
    expect(foldActivities(had(1)).channels[0]?.formerAddresses).to.equal(null);
    expect(foldActivities([...had(1), ...had(1)]).channels[0]?.formerAddresses).to.equal(null);
  });

  it('goes on from floors, which it leaves as they are', () => {
    const floors = foldActivities([complete({ contactId: 1, status: 'READ', occurredAt: 1 })]);
    const before = structuredClone(floors);
    const [contact] = foldActivities([complete({ contactId: 1, status: 'READ', occurredAt: 2 })], floors).contacts;
    expect(contact && timeOf(contact, 'last_opened_at')).to.equal(2);
    expect(floors).to.deep.equal(before);
  });

  it('leaves out what has no contact', () => {
    expect(foldActivities([complete({ contactId: null })])).to.deep.equal({ contacts: [], channels: [] });
  });

  it('takes as many channels of one contact as elements fit in a batch, in no more time than as many contacts', function () {
    this.timeout(10_000);
    const one = complete({ contactId: 1 });
    const { channels } = foldActivities(Array.from({ length: 200_000 }, (_, nth) => ({ ...one, mediaType: `channel ${nth}` })));
    expect(channels).to.have.lengthOf(200_000);
  });

  it('sorts contacts as numbers', () => {
    const { contacts } = foldActivities([10, 9, 100].map((contactId) => complete({ contactId })));
    expect(contacts.map(({ contactId }) => contactId)).to.deep.equal([9, 10, 100]);
  });
});

describe('compareText', () => {
  it('compares by bytes, as PostgreSQL does, not by UTF-16 units', () => {
    expect(['\u{FFFD}', '\u{1F600}'].sort()).to.deep.equal(['\u{1F600}', '\u{FFFD}']);
    expect(compareText('\u{FFFD}', '\u{1F600}')).to.be.lessThan(0);
    expect(compareText('a', 'B')).to.be.greaterThan(0);
  });
});

describe('compareLists', () => {
  it('compares element by element, and a list that begins with the other one is greater', () => {
    const lists = [[], ['B'], ['a'], ['a', 'a'], ['a\u{FFFD}'], ['a\u{1F600}']];
    const shuffled = fc.shuffledSubarray(lists, { minLength: lists.length });
    fc.assert(
      fc.property(shuffled, (drawn) => {
        expect([...drawn].sort(compareLists)).to.deep.equal(lists);
      }),
    );
  });

  it('is an order', () => {
    const list = fc.array(fc.constantFrom(...tyingTexts), { maxLength: 3 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(Math.sign(compareLists(a, b))).to.equal(-Math.sign(compareLists(b, a)) + 0);
        expect(compareLists(a, b) === 0).to.equal(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

function asRows({ contacts, channels }: Fold): ExpectedRows {
  const shared = (row: ContactRow | ChannelRow, columns: readonly TimeColumn[]): Row => ({
    ...Object.fromEntries(columns.map((column) => [column, iso(timeOf(row, column))])),
    source: row.source,
    contact_id: row.contactId,
    first_activity_at: iso(row.firstActivityAt),
  });
  const dated = (column: string, value: { at: number; value: unknown } | null): Row => ({
    [column]: value?.value ?? null,
    [`${column}_at`]: iso(value?.at),
  });
  return {
    contacts: sortRows(
      contacts.map((row) => ({
        ...shared(row, contactTimeColumns),
        ...dated('email', row.email),
        ...dated('phone', row.phone),
        ...dated('external_customer_id', row.externalCustomerId),
        ...dated('subscriptions', row.subscriptions),
      })),
    ),
    channels: sortRows(
      channels.map((row) => ({
        ...shared(row, channelTimeColumns),
        media_type: row.mediaType,
        blacklist_reason: row.blacklistReason?.value === '' ? null : (row.blacklistReason?.value ?? null),
        former_addresses: row.formerAddresses,
        ...dated('address', row.address),
      })),
    ),
  };
}

/** The flags, and what follows from them, are the database's. */
function withoutFlags({ contacts, channels }: ExpectedRows): ExpectedRows {
  const contact = ({ blacklisted: _b, unsubscribed: _u, reachable: _r, ...row }: Row): Row => {
    const { blacklisted_at: _at, blacklist_reason: _reason, unsubscribed_at: _since, ...rest } = row;
    return rest;
  };
  const channel = ({ blacklisted: _b, unsubscribed: _u, may_write: _m, ...row }: Row): Row => row;
  return { contacts: contacts.map(contact), channels: channels.map(channel) };
}
