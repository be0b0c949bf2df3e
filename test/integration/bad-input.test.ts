import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { send } from '../support/http.js';
import { startPipeline, type Outcome, type Pipeline } from '../support/pipeline.js';
import { endServices } from '../support/processes.js';
import { storeKinds } from '../support/stores.js';

/** What a sound activity looks like on the wire; `fields` come on top, undefined ones go. */
let made = 0;
function sound(fields: Record<string, unknown> = {}) {
  made++;
  return {
    activityStatus: 'READ',
    activityDateTime: '2024-05-01T10:00:00',
    iid: `iid-${made}`,
    contactId: 1_000_000 + made,
    mediaType: 'email',
    email: `person${made}@example.com`,
    ...fields,
  };
}
/** As JSON text, with `members` put in as they stand. */
const soundText = (members: string, fields: Record<string, unknown> = {}) =>
  JSON.stringify(sound(fields)).replace(/}$/, `,${members}}`);
const deep = 100_000;

/** Element as received, and why it is refused. Each is sent between two sound ones. */
const brokenElements: Record<string, [raw: string, reason: string, detail: string | RegExp]> = {
  'a NUL in a known field': [soundText('"sms":"38\\u0000050"'), 'bad-text', 'sms'],
  'a NUL in an unknown field': [soundText('"anything":"\\u0000"'), 'bad-text', 'anything'],
  'a NUL deep inside': [soundText('"statusData":{"a":[{"b":"x\\u0000"}]}'), 'bad-text', 'b'],
  'a NUL in a key': [soundText('"a\\u0000b":1'), 'bad-text', 'a\\u0000b'],
  'the first half of a surrogate pair': [soundText('"messageName":"\\ud83d"'), 'bad-text', 'messageName'],
  'the second half of a surrogate pair': [soundText('"messageName":"\\udc00 x"'), 'bad-text', 'messageName'],
  'half of a surrogate pair in a key': [soundText('"\\ud800":1'), 'bad-text', /./],
  'objects nested 100,000 deep': [soundText(`"x":${'{"x":'.repeat(deep)}1${'}'.repeat(deep)}`), 'too-deep', '32'],
  'arrays nested 100,000 deep': [soundText(`"x":${'['.repeat(deep)}${']'.repeat(deep)}`), 'too-deep', '32'],
  'nothing but arrays, nested 100,000 deep': [`${'['.repeat(deep)}${']'.repeat(deep)}`, 'not-an-object', 'array'],
  '1e999 for an id': [
    '{"activityStatus":"READ","activityDateTime":"2024-05-01T10:00:00","contactId":1e999}',
    'invalid-field',
    'contactId',
  ],
  '400 digits for an id': [
    `{"activityStatus":"READ","activityDateTime":"2024-05-01T10:00:00","contactId":${'9'.repeat(400)}}`,
    'invalid-field',
    'contactId',
  ],
  'an id above 2^53': [
    '{"activityStatus":"READ","activityDateTime":"2024-05-01T10:00:00","contactId":9007199254740993}',
    'invalid-field',
    'contactId: is beyond 2^53',
  ],
  'an id below -2^53': [soundText('"messageId":-9007199254740993'), 'invalid-field', 'messageId: is beyond 2^53'],
  'an id with a fraction': [soundText('"broadcastId":1.5'), 'invalid-field', 'broadcastId'],
  'an id as string': [JSON.stringify(sound({ contactId: '1967597908' })), 'invalid-field', 'contactId: must be integer'],
  'an iid as number': [JSON.stringify(sound({ iid: 42 })), 'invalid-field', 'iid: must be string'],
  'a flag as string': [
    JSON.stringify(sound({ activityStatus: 'UNDELIVERED', hardBounce: 'true' })),
    'invalid-field',
    'hardBounce',
  ],
  'no status': [JSON.stringify(sound({ activityStatus: undefined })), 'invalid-field', 'activityStatus: is missing'],
  'an empty status': [JSON.stringify(sound({ activityStatus: '' })), 'invalid-field', 'activityStatus'],
  'a status that is a list': [JSON.stringify(sound({ activityStatus: ['READ'] })), 'invalid-field', 'activityStatus'],
  'no time': [JSON.stringify(sound({ activityDateTime: undefined })), 'invalid-field', 'activityDateTime: is missing'],
  'a time as number': [JSON.stringify(sound({ activityDateTime: 1_700_000_000 })), 'invalid-field', 'activityDateTime'],
  'an address of 10,000 characters': [JSON.stringify(sound({ email: 'x'.repeat(10_000) })), 'invalid-field', 'email'],
  'subscriptions that are no strings': [
    JSON.stringify(sound({ activityStatus: 'SUBSCRIPTION_CHANGED', subscriptions: ['a', 1] })),
    'invalid-field',
    'subscriptions',
  ],
  null: ['null', 'not-an-object', 'null'],
  'a number': ['-12.5e3', 'not-an-object', 'number'],
  'a string with brackets': ['"],[{\\""', 'not-an-object', 'string'],
  'an empty array': ['[ ]', 'not-an-object', 'array'],
  'an empty object': ['{ }', 'invalid-field', 'is missing'],
  ...Object.fromEntries(
    [
      '2023-02-30T10:00:00',
      '2023-02-29T10:00:00',
      '2024-05-01T25:00:00',
      '2024-05-01T24:00:00',
      '2024-05-01T10:60:00',
      '2024-13-01T10:00:00',
      '2024-00-10T10:00:00',
      '0000-01-01T00:00:00',
      '09/14/2023',
      '09/14/2023 10:00:00',
      '14.09.2023',
      '2024-05-01',
      '2024-05-01 10:00:00',
      'yesterday',
      '',
      ' 2024-05-01T10:00:00',
      '+275760-09-13T00:00:01',
    ].map((time): [string, [string, string, string]] => [
      `the time "${time}"`,
      [JSON.stringify(sound({ activityDateTime: time })), 'bad-date', `"${time}"`],
    ]),
  ),
};

for (const kind of storeKinds)
  describe(`bad input, queue on ${kind}`, function () {
    this.timeout(120_000);
    let pipeline: Pipeline;
    before(async () => {
      pipeline = await startPipeline(kind);
    });
    after(async () => {
      try {
        await pipeline.close();
      } finally {
        await endServices();
      }
    });

    const deliver = (...args: Parameters<Pipeline['deliver']>) => pipeline.deliver(...args);
    const contact = async ({ contactId }: { contactId: unknown }) =>
      (await pipeline.query('select * from vidhuk.contact_status where contact_id = $1', [contactId]))[0];
    async function expectProjected(...elements: ReturnType<typeof sound>[]): Promise<void> {
      for (const element of elements)
        expect(await contact(element), `contact ${element.contactId}`).to.have.property('email', element.email);
    }
    const counts = ({ batch }: Outcome) => ({
      total: batch.total,
      new: batch.new,
      duplicate: batch.duplicate,
      rejected: batch.rejected,
    });

    describe('an element that is quarantined with position and text, while the rest of its batch goes on:', () => {
      for (const [name, [raw, reason, detail]] of Object.entries(brokenElements))
        it(name, async () => {
          const [first, second] = [sound(), sound()];
          const outcome = await deliver(`[ ${JSON.stringify(first)},\n ${raw} ,${JSON.stringify(second)}]`);
          expect(counts(outcome)).to.deep.equal({ total: 3, new: 2, duplicate: 0, rejected: 1 });
          const [rejection] = outcome.rejections;
          expect(rejection).to.include({ position: 1, reason });
          expect(rejection?.detail).to.match(detail instanceof RegExp ? detail : new RegExp(escapeRegExp(detail)));
          expect(rejection?.raw === raw, 'the text is exactly as received').to.be.true;
          expect(outcome.activities.map(({ position }) => position)).to.deep.equal([0, 2]);
          await expectProjected(first, second);
        });

      it('a time that the source’s clock skips', async () => {
        const skipped = sound({ activityDateTime: '2024-03-31T03:30:00' });
        const outcome = await deliver(JSON.stringify([sound(), skipped]), { source: 'kyiv' });
        expect(outcome.rejections).to.have.length(1);
        expect(outcome.rejections[0]).to.include({ position: 1, reason: 'bad-date', raw: JSON.stringify(skipped) });
        expect(outcome.rejections[0]?.detail).to.include('Europe/Kyiv');
        // Elsewhere it exists.
        expect(counts(await deliver(JSON.stringify([skipped])))).to.include({ new: 1, rejected: 0 });
      });

      it('all of a thousand', async () => {
        const elements = Array.from({ length: 1_000 }, (_, index) =>
          index % 2 === 0 ? JSON.stringify(sound()) : `{"broken":${index}}`,
        );
        const outcome = await deliver(`[${elements.join(',')}]`);
        expect(counts(outcome)).to.deep.equal({ total: 1_000, new: 500, duplicate: 0, rejected: 500 });
        for (const { position, raw } of outcome.rejections) expect(raw).to.equal(elements[position]);
      });
    });

    describe('a body that is one broken element:', () => {
      const bodies: Record<string, string> = {
        'not JSON': 'activityStatus=READ&contactId=1',
        HTML: '<html><body>502 Bad Gateway</body></html>',
        'cut off': '[{"activityStatus":"READ"},{"activ',
        'two documents in a row': '[]\n[]',
        NaN: '[NaN]',
        'a comma too many': '[{"a":1},]',
        'JSON in single quotes': "[{'a': 1}]",
        'arrays that do not end, 100,000 of them': '['.repeat(deep),
        'white space': ' \r\n\t',
        empty: '',
      };
      for (const [name, body] of Object.entries(bodies))
        it(name, async () => {
          const outcome = await deliver(body);
          expect(counts(outcome)).to.deep.equal({ total: 1, new: 0, duplicate: 0, rejected: 1 });
          expect(outcome.rejections[0]).to.include({ position: 0, reason: 'not-json' });
          expect(outcome.rejections[0]?.raw === body).to.be.true;
          expect((await outcome.storedBody())?.toString()).to.equal(body);
        });

      it('zero bytes, of which the row keeps the place and the batch the bytes', async () => {
        const body = Buffer.from('\0\0[{"a":"\0"}]\0');
        const outcome = await deliver(body);
        expect(outcome.rejections[0]).to.include({ reason: 'not-json', raw: body.toString().replaceAll('\0', '\uFFFD') });
        expect((await outcome.storedBody())?.equals(body)).to.be.true;
      });

      it('bytes that are no text', async () => {
        const body = Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 89) % 256));
        const outcome = await deliver(body);
        expect(outcome.rejections[0]).to.include({ position: 0, reason: 'not-json' });
        expect((await outcome.storedBody())?.equals(body)).to.be.true;
      });

      it('UTF-16', async () => {
        const body = Buffer.from('\uFEFF[{"a":1}]', 'utf16le');
        expect((await deliver(body)).rejections[0]).to.include({ reason: 'not-json' });
      });

      it('a bare value', async () => {
        for (const body of ['null', '42', '"text"']) {
          const outcome = await deliver(body);
          expect(counts(outcome)).to.deep.equal({ total: 1, new: 0, duplicate: 0, rejected: 1 });
          expect(outcome.rejections[0]).to.include({ position: 0, reason: 'not-an-object', raw: body });
        }
      });
    });

    describe('what looks odd and is sound:', () => {
      it('an empty array', async () => {
        expect(counts(await deliver('[]'))).to.deep.equal({ total: 0, new: 0, duplicate: 0, rejected: 0 });
      });

      it('a bare object', async () => {
        const element = sound();
        expect(counts(await deliver(` ${JSON.stringify(element)}\n`))).to.deep.equal({
          total: 1,
          new: 1,
          duplicate: 0,
          rejected: 0,
        });
        await expectProjected(element);
      });

      it('a byte order mark', async () => {
        const element = sound();
        expect(counts(await deliver(`\uFEFF[${JSON.stringify(element)}]`))).to.include({ new: 1, rejected: 0 });
        await expectProjected(element);
      });

      it('bytes inside of a text that are not UTF-8: each becomes U+FFFD, and the batch keeps them', async () => {
        const element = sound({ externalCustomerId: '@' });
        const other = sound();
        const [before, after] = JSON.stringify([element, other]).split('"@"') as [string, string];
        const body = Buffer.concat([Buffer.from(`${before}"A`), Buffer.from([0xff]), Buffer.from(`B"${after}`)]);
        const outcome = await deliver(body);
        expect(counts(outcome)).to.include({ new: 2, rejected: 0 });
        expect((await outcome.storedBody())?.equals(body)).to.be.true;
        expect(await contact(element)).to.have.property('external_customer_id', 'A\uFFFDB');
        await expectProjected(other);
      });

      it('keys that mean something to JavaScript', async () => {
        const elements = [sound(), sound(), sound()];
        const [first, second, third] = elements.map((element) => JSON.stringify(element).slice(0, -1)) as [
          string,
          string,
          string,
        ];
        const body = `[${first},"__proto__":{"activityStatus":"SPAM","contactId":7}},${second},"constructor":{"prototype":{"x":1}}},${third},"toString":null,"hasOwnProperty":1}]`;
        expect(counts(await deliver(body))).to.include({ new: 3, rejected: 0 });
        await expectProjected(...elements);
        for (const element of elements) expect(await contact(element)).to.have.property('spam_reported_at', null);
      });

      it('huge numbers, long texts and nesting of 30 levels in keys that nobody knows', async () => {
        const element = sound();
        const odd = `"a":1e999,"b":${'9'.repeat(400)},"c":-1e-999,"d":${'['.repeat(30)}${']'.repeat(30)},"e":"${'ї'.repeat(100_000)}"`;
        expect(counts(await deliver(`[${JSON.stringify(element).slice(0, -1)},${odd}}]`))).to.include({ new: 1, rejected: 0 });
        await expectProjected(element);
      });

      it('the largest id that is safe', async () => {
        const element = sound({ contactId: Number.MAX_SAFE_INTEGER, messageId: Number.MAX_SAFE_INTEGER });
        const outcome = await deliver(JSON.stringify([element]));
        expect(outcome.activities[0]).to.include({ contact_id: '9007199254740991', message_id: '9007199254740991' });
        await expectProjected(element);
      });

      it('null for keys that might be absent', async () => {
        const nulls = {
          externalCustomerId: null,
          sms: null,
          hardBounce: null,
          messageId: null,
          statusData: null,
          messageTag: null,
        };
        const element = sound(nulls);
        expect(counts(await deliver(JSON.stringify([element])))).to.include({ new: 1, rejected: 0 });
        await expectProjected(element);
      });

      it('an unknown status: logged under its name, and no more than an activity of the contact', async () => {
        const element = sound({ activityStatus: 'Teleported', activityDateTime: '2024-05-02T10:00:00' });
        const outcome = await deliver(JSON.stringify([element]));
        expect(outcome.activities[0]).to.include({ status: 'TELEPORTED' });
        const at = new Date('2024-05-02T10:00:00Z');
        expect(await contact(element)).to.deep.include({
          last_activity_at: at,
          last_opened_at: null,
          last_delivered_at: null,
          blacklisted: false,
          unsubscribed: false,
        });
      });

      it('unknown keys: found in the view of the log as they were received', async () => {
        const element = sound({ surprise: { deep: [1, 'два'] } });
        const { batch } = await deliver(JSON.stringify([sound(), element]));
        const [row] = await pipeline.query('select raw from vidhuk.activity_raw where batch_id = $1 and position = 1', [
          batch.id,
        ]);
        expect(row?.raw).to.deep.equal(element);
      });

      it('subscriptions in every spelling and place', async () => {
        const keys = ['news', 'sale'];
        const spellings: Record<string, unknown>[] = [
          { statusData: { subscription: { subscriptions: keys } } },
          { statusData: { subscripton: { subscriptons: keys } } },
          { statusData: { subscriptions: keys } },
          { subscription: { subscriptions: keys } },
          { subscripton: { subscriptons: keys } },
          { subscriptions: keys },
          { subscriptons: keys },
        ];
        const elements = spellings.map((spelling) => sound({ activityStatus: 'SUBSCRIPTION_CHANGED', ...spelling }));
        expect(counts(await deliver(JSON.stringify(elements)))).to.include({ new: elements.length, rejected: 0 });
        for (const [index, element] of elements.entries())
          expect(await contact(element), JSON.stringify(spellings[index])).to.deep.include({
            subscriptions: keys,
            unsubscribed: false,
          });
      });

      it('no iid: the contact, the message and the channel tell activities apart', async () => {
        const base = sound({ iid: undefined, messageInstanceId: 1 });
        const elements = [
          base,
          base,
          { ...base, contactId: sound().contactId },
          { ...base, messageInstanceId: 2 },
          { ...base, mediaType: 'sms' },
        ];
        expect(counts(await deliver(JSON.stringify(elements)))).to.deep.equal({ total: 5, new: 4, duplicate: 1, rejected: 0 });
      });

      it('no contactId: logged, and projected nowhere', async () => {
        const before = await pipeline.query('select count(*) from vidhuk.contact_status');
        const outcome = await deliver(JSON.stringify([sound({ contactId: undefined })]));
        expect(outcome.activities[0]).to.include({ contact_id: null, status: 'READ' });
        expect(await pipeline.query('select count(*) from vidhuk.contact_status')).to.deep.equal(before);
      });

      it('the same activity a thousand times in one batch, and the batch again', async () => {
        const element = sound();
        const body = JSON.stringify(Array.from({ length: 1_000 }, () => element));
        expect(counts(await deliver(body))).to.deep.equal({ total: 1_000, new: 1, duplicate: 999, rejected: 0 });
        const again = await deliver(body);
        expect(counts(again)).to.deep.equal({ total: 1_000, new: 0, duplicate: 1_000, rejected: 0 });
        expect(await again.storedBody()).to.equal(null);
        await expectProjected(element);
      });

      it('a time in the hour that the clock repeats: the first of both', async () => {
        const element = sound({ activityDateTime: '2024-10-27T03:30:00' });
        const outcome = await deliver(JSON.stringify([element]), { source: 'kyiv' });
        expect(outcome.activities[0]?.occurred_at).to.deep.equal(new Date('2024-10-27T00:30:00Z'));
        expect(counts(await deliver(JSON.stringify([element]), { source: 'kyiv' }))).to.include({ new: 0, duplicate: 1 });
      });

      it('times long ago, far ahead, and on 29 February', async () => {
        const times = ['0101-01-01T00:00:00', '1970-01-01T00:00:00', '2024-02-29T23:59:59', '9999-12-31T23:59:59'];
        const outcome = await deliver(JSON.stringify(times.map((activityDateTime) => sound({ activityDateTime }))));
        expect(counts(outcome)).to.include({ new: times.length, rejected: 0 });
        expect(outcome.activities.map(({ occurred_at }) => occurred_at.toISOString().slice(0, 19))).to.deep.equal(times);
      });

      it('two statuses under one iid, as in the sample of the vendor', async () => {
        const text = await readFile(new URL('../samples/bulk.json', import.meta.url), 'utf8');
        const outcome = await deliver(text);
        expect(counts(outcome)).to.deep.equal({ total: 4, new: 4, duplicate: 0, rejected: 0 });
        const ofOne = outcome.activities.filter(({ iid }) => iid === '99d591ab-e7a5-49ed-8e16-b3023378fc18');
        expect(ofOne.map(({ status }) => status)).to.deep.equal(['DELIVERED', 'UNDELIVERED']);
        expect(await contact({ contactId: 1967597908 })).to.deep.include({
          last_delivered_at: new Date('2023-09-14T08:30:03Z'),
          last_undelivered_at: new Date('2023-09-14T08:30:07Z'),
          blacklisted: false, // hardBounce is false there
        });
      });
    });

    describe('a body that is large:', () => {
      it('50 MB of activities', async () => {
        const filler = 'x'.repeat(10_000);
        const elements = Array.from({ length: 5_000 }, () => sound({ filler }));
        const body = JSON.stringify(elements);
        expect(body.length).to.be.greaterThan(50_000_000);
        const outcome = await deliver(body);
        expect(counts(outcome)).to.deep.equal({ total: 5_000, new: 5_000, duplicate: 0, rejected: 0 });
        expect(outcome.batch.bytes).to.equal(body.length);
        const hash = createHash('sha256').update(body).digest('hex');
        const stored = await pipeline.query(`select encode(sha256(body), 'hex') as hash from vidhuk.batch where id = $1`, [
          outcome.batch.id,
        ]);
        expect(stored).to.deep.equal([{ hash }]);
        await expectProjected(elements[0]!, elements[4_999]!);
      });

      if (kind === 'postgres')
        // Behind the queue it is all the same, and it takes its time: once is enough.
        it('50 MB that are not JSON', async () => {
          const body = `[${'not JSON, '.repeat(5_000_000)}`;
          const outcome = await deliver(body);
          expect(counts(outcome)).to.deep.equal({ total: 1, new: 0, duplicate: 0, rejected: 1 });
          expect(outcome.rejections[0]?.raw === body).to.be.true;
        });

      it('a gzip bomb: 413, no row, and the feed goes on', async () => {
        const bomb = gzipSync(Buffer.alloc(200 * 2 ** 20, ' '), { level: 1 });
        const before = await pipeline.query('select count(*) from vidhuk.batch');
        const headers = { 'Content-Encoding': 'gzip' };
        expect((await send(await pipeline.webhook(), { method: 'POST', headers, body: bomb })).status).to.equal(413);
        expect(await pipeline.query('select count(*) from vidhuk.batch')).to.deep.equal(before);
        const element = sound();
        await deliver(gzipSync(JSON.stringify([element])), { headers });
        await expectProjected(element);
      });
    });

    it('none of it made the worker try twice', () => {
      expect(pipeline.worker.lines().filter(({ level }) => Number(level) >= 40)).to.deep.equal([]);
    });
  });

const escapeRegExp = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
