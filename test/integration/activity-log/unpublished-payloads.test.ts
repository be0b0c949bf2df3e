import { expect } from 'chai';
import { normaliseMediaType } from '../../../packages/worker/src/activity/normalise.js';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import {
  countActivities,
  countWidgets,
  type ActivityFilter,
  type CountedBy,
} from '../../../packages/worker/src/activity-log/index.js';
import { compileActions } from '../../../packages/worker/src/follow-up/action.js';
import { findDoubts } from '../../../packages/worker/src/follow-up/find-doubts.js';
import { fillDatabase } from '../../support/fill-database.js';
import { handlerOf } from '../../support/follow-up/actions.js';
import { openDatabase, quarantined, type TestDatabase } from '../../support/projection.js';
import { otherwisePut, spellings, unpublishedPayloads as payloads } from '../../support/unpublished-payloads.js';

const since = new Date('2026-03-10');

describe('channels of which no payload is published', () => {
  let store: TestDatabase;
  before(async () => {
    store = await openDatabase();
    await fillDatabase(store.url, [JSON.stringify(payloads)]);
    await fillDatabase(store.url, [JSON.stringify(payloads), ...otherwisePut(payloads).map((each) => JSON.stringify(each))]);
  });
  after(() => store.drop());

  const count = async (by: CountedBy, more: Partial<ActivityFilter> = {}) => {
    const { rows, total } = await countActivities(store.database, { since, ...more }, [by], { limit: 1_000, timeoutMs: 20_000 });
    return { total, counts: Object.fromEntries(rows.map(({ values, count: found }) => [String(values[0]), found])) };
  };

  it('each activity is logged once however often it comes, and none is refused', async () => {
    expect(await quarantined(store.database)).to.deep.equal([]);
    expect((await count('status')).total).to.equal(payloads.length);
  });

  it('is counted under one name of its channel, however it is spelt', async () => {
    const expected: Record<string, number> = {};
    for (const { mediaType } of payloads) {
      const name = normaliseMediaType(String(mediaType)) ?? 'none';
      expected[name] = (expected[name] ?? 0) + 1;
    }
    expect((await count('media-type')).counts).to.deep.equal(expected);
    for (const [kept, sent] of Object.entries(spellings))
      expect((await count('media-type', { message: '900', mediaTypes: [sent.at(-1)!] })).counts, kept).to.deep.equal({
        [kept]: sent.length,
      });
  });

  it('is projected where it names a contact, and nowhere else', async () => {
    const named = [...new Set(payloads.flatMap(({ contactId }) => (contactId === undefined ? [] : [Number(contactId)])))];
    const rows = await store.database.query<{ id: number; blacklisted: boolean; unsubscribed: boolean }[]>(
      'select contact_id::integer as id, blacklisted, unsubscribed from vidhuk.contact_status',
    );
    expect(rows.map(({ id }) => id)).to.have.members(named);
    expect(
      rows.filter(({ blacklisted, unsubscribed }) => blacklisted || unsubscribed),
      'a code is no hard bounce',
    ).to.deep.equal([]);
  });

  it('a burst of READ with one time is five, and moves one column once', async () => {
    expect((await count('message', { mediaTypes: ['App Inbox'], statuses: ['READ'] })).counts).to.include({
      711: 1,
      712: 1,
      713: 1,
      714: 1,
      715: 1,
    });
    const [row] = await store.database.query<{ opened: Date }[]>(
      'select last_opened_at as opened from vidhuk.contact_channel_status where contact_id = 7',
    );
    expect(row?.opened).to.deep.equal(new Date('2026-03-10T09:00:00Z'));
  });

  it('times of a device stay what the device said, each in its own column', async () => {
    const [row] = await store.database.query<Record<string, unknown>[]>(
      `select last_sent_at, last_delivered_at, last_opened_at, address from vidhuk.contact_channel_status where contact_id = 9`,
    );
    expect(row).to.deep.equal({
      last_sent_at: new Date('2026-03-10T11:30:00Z'),
      last_delivered_at: new Date('2026-03-10T06:10:00Z'),
      last_opened_at: new Date('2026-03-10T05:55:00Z'),
      address: 'token-9',
    });
  });

  it('codes of failures are counted', async () => {
    expect((await count('reason', { statuses: ['failed', 'undelivered'] })).counts).to.deep.equal({
      BOT_SEND_ERROR: 1,
      CHANNEL_WAS_MUTED: 1,
      EXPIRED: 1,
      NO_MONEY: 1,
      MOB_PUSH_GENERAL_ERROR: 1,
      InvalidProviderToken: 1,
      badDeviceToken: 1,
      null: 1,
    });
  });

  it('what stands in a body that PostgreSQL cannot read is counted without its name', async () => {
    const element =
      '{"activityStatus":"READ","activityDateTime":"2026-03-10T13:00:00","mediaType":"widget","messageId":800,"messageName":"\xcf"}';
    await fillDatabase(store.url, [Buffer.from(element, 'latin1')], 'latin');
    expect((await count('message-name', { source: 'latin' })).counts).to.deep.equal({ null: 1 });
    const [figures] = await countWidgets(store.database, { since, source: 'latin' }, { limit: 10, timeoutMs: 20_000 });
    expect(figures).to.include({ messageId: 800, messageName: null, views: 1, anonymousViews: 1, conversion: 0 });
  });

  it('an action can wait for each of them, and is neither refused nor doubted', async () => {
    const handlers = new Map([['test', handlerOf(() => undefined)]]);
    const { activities } = parseBatch(Buffer.from(JSON.stringify(payloads)), { source: 'main', timeZone: 'UTC' });
    expect(activities).to.have.lengthOf(payloads.length);
    const actions = payloads.map(({ activityStatus, mediaType }, nth) => {
      const entry = { name: `action-${nth}`, when: { status: activityStatus, mediaType }, run: 'test' };
      const compiled = compileActions([entry], handlers);
      expect(compiled.problems).to.deep.equal([]);
      const [action] = compiled.actions;
      expect(action?.when.mismatches(activities[nth]!), JSON.stringify(entry)).to.deep.equal([]);
      return action!;
    });
    // Before any has been seen: an empty log.
    const empty = await openDatabase();
    try {
      const sources = { main: {} } as unknown as Parameters<typeof findDoubts>[2];
      const doubts = await findDoubts(empty.database, actions, sources);
      expect(doubts.map(({ text }) => text)).to.satisfy((texts: string[]) => texts.every((text) => text.includes('FORM_SENT')));
    } finally {
      await empty.drop();
    }
  });
});
