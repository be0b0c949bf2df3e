import { expect } from 'chai';
import fc from 'fast-check';
import { brokenElement, soundElement, spacedArray } from '../../support/arbitrary-activity.js';
import { batchOf, createProjector, openDatabase, quarantined, type TestDatabase } from '../../support/projection.js';

const element = (iid: string) => ({ activityDateTime: '2024-03-01T08:00:00', activityStatus: 'CLICKED', contactId: 1, iid });

describe('What validation lets through', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  it('the database takes, whatever it is', async () => {
    const { projector, captured } = createProjector(test.database);
    const bodies = fc
      .array(fc.oneof(soundElement, brokenElement, extremeElement), { minLength: 1, maxLength: 30 })
      .chain(spacedArray);
    await fc.assert(
      fc.asyncProperty(bodies, fc.constantFrom('UTC', 'Pacific/Kiritimati', 'America/Adak'), async (body, timeZone) => {
        await projector.project([batchOf(body, { timeZone })]);
        expect(captured.text()).not.to.include('the database refuses');
      }),
      { numRuns: 40 },
    );
  });

  for (const [name, body] of Object.entries({
    'a NUL': '\0',
    'a NUL inside of JSON': '[{"a":"\0"}]',
    nothing: '',
    'bytes that are not UTF-8': Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    'half of a surrogate pair': Buffer.from([0x5b, 0xed, 0xa0, 0x80, 0x5d]),
    'quotes and braces': '{"\\"}{","',
  }))
    it(`a body of ${name} lands in quarantine`, async () => {
      const batch = batchOf(body);
      const { projector } = createProjector(test.database);
      expect(await projector.project([batch])).to.deep.equal([{ new: 0, duplicate: 0, rejected: 1 }]);
      const [row] = (await quarantined(test.database)).filter(({ batch_id }) => batch_id === batch.id);
      expect(row).to.include({ position: 0, reason: 'not-json' });
    });

  it('a broken body of 8 MB costs little more than its bytes, whatever they are', async () => {
    const batch = batchOf(Buffer.alloc(8 * 2 ** 20, '"'));
    const { projector } = createProjector(test.database);
    const before = process.cpuUsage();
    expect(await projector.project([batch])).to.deep.equal([{ new: 0, duplicate: 0, rejected: 1 }]);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6, 'seconds of processor').to.be.lessThan(1.5);
  });
});

/** The ends of what is allowed. */
const extremeElement = fc
  .record({
    activityDateTime: fc.constantFrom(
      '0100-01-01T00:00:00',
      '0100-01-01T00:00:00+23:59',
      '1899-12-31T23:59:59',
      '9999-12-31T23:59:59',
      '9999-12-31T23:59:59-23:59',
    ),
    activityStatus: fc.constantFrom('UNDELIVERED', 'SUBSCRIPTION_CHANGED', 'ŉ'.repeat(100), ' '),
    hardBounce: fc.constant(true),
    contactId: fc.constantFrom(0, -0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
    messageId: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
    mediaType: fc.constantFrom('\u{10FFFF}'.repeat(100), 'İ'.repeat(100), '__proto__'),
    email: fc.constantFrom('\u{10FFFF}'.repeat(500), 'Ⱥ'.repeat(500), 'ß'.repeat(500), '\\"{},\n\u0001\u007f'),
    sms: fc.constantFrom('1'.repeat(500), '\u{10FFFF}'.repeat(500)),
    externalCustomerId: fc.constantFrom('\u{10FFFF}'.repeat(500), '{}'),
    iid: fc.constantFrom('x'.repeat(100_000), '"\\'),
    clickEventLink: fc.constantFrom('\u{10FFFF}'.repeat(10_000), '\u2028'),
    statusDescription: fc.constantFrom('\u{10FFFF}'.repeat(10_000), "'; drop table vidhuk.activity; --"),
    subscriptions: fc.constantFrom([], [''], ['NULL', 'null', '{}', '"', '\\', ','], Array.from({ length: 10_000 }, String)),
  })
  .map((drawn) => JSON.stringify(drawn));

describe('An element that only the database refuses', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openDatabase();
    await test.database.query(`
      create function public.refuse() returns trigger language plpgsql as $$
      begin
        if new.iid like 'bad%' then raise exception 'no % here', new.iid using errcode = '22000'; end if;
        return new;
      end $$`);
    await test.database.query(
      'create trigger refuse before insert on vidhuk.activity for each row execute function public.refuse()',
    );
  });
  afterEach(() => test.drop());

  it('is quarantined with its text and the reason; everything else of its batch lands, in one transaction', async () => {
    const { projector } = createProjector(test.database);
    const batch = batchOf([element('a'), element('bad 1'), 7, element('b'), element('bad 2'), element('c')]);
    expect(await projector.project([batch])).to.deep.equal([{ new: 3, duplicate: 0, rejected: 3 }]);
    expect(await quarantined(test.database)).to.deep.equal([
      { batch_id: batch.id, position: 1, reason: 'refused-by-database', raw: JSON.stringify(element('bad 1')) },
      { batch_id: batch.id, position: 2, reason: 'not-an-object', raw: '7' },
      { batch_id: batch.id, position: 4, reason: 'refused-by-database', raw: JSON.stringify(element('bad 2')) },
    ]);
    const details: unknown = await test.database.query(
      `select detail from vidhuk.rejected_activity where reason = 'refused-by-database' order by position`,
    );
    expect(details).to.deep.equal([{ detail: 'no bad 1 here' }, { detail: 'no bad 2 here' }]);
    const transactions: unknown[] = await test.database.query(`
      select distinct xmin::text from vidhuk.activity
      union select xmin::text from vidhuk.batch union select xmin::text from vidhuk.rejected_activity`);
    expect(transactions.length).to.equal(1);
  });

  it('costs the other batches of its group nothing', async () => {
    const { projector } = createProjector(test.database);
    const batches = [[element('a')], [element('bad')], [element('b'), element('a')]].map((elements) => batchOf(elements));
    expect(await projector.project(batches)).to.deep.equal([
      { new: 1, duplicate: 0, rejected: 0 },
      { new: 0, duplicate: 0, rejected: 1 },
      { new: 1, duplicate: 1, rejected: 0 },
    ]);
  });

  it('moves nothing in the projections', async () => {
    const { projector } = createProjector(test.database);
    await projector.project([batchOf([{ ...element('bad'), contactId: 9 }, element('a')])]);
    const contacts: unknown = await test.database.query('select contact_id::int from vidhuk.contact_status');
    expect(contacts).to.deep.equal([{ contact_id: 1 }]);
  });

  it('is found among a thousand', async () => {
    const { projector } = createProjector(test.database);
    const elements = Array.from({ length: 1_000 }, (_, n) => element(n % 333 === 0 ? `bad ${n}` : `good ${n}`));
    expect(await projector.project([batchOf(elements)])).to.deep.equal([{ new: 996, duplicate: 0, rejected: 4 }]);
  });
});
