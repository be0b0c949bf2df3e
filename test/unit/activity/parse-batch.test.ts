import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseBatch, parseBatchInTurns } from '../../../packages/worker/src/activity/parse-batch.js';
import { parseContextOf } from '../../../packages/worker/src/activity/parse-context.js';
import { brokenElement, soundElement, spacedArray } from '../../support/arbitrary-activity.js';

const context = { source: 'main', timeZone: 'UTC' };
const parse = (body: string | Uint8Array) => parseBatch(Buffer.from(body as string), context);
const reasons = (body: string) => parse(body).rejections.map(({ position, reason }) => [position, reason]);
const sound = '{"activityDateTime":"2024-03-01T08:00:00","activityStatus":"DELIVERED","contactId":1}';

const bytes = fc.uint8Array({ maxLength: 200 });
const jsonish = fc.string({
  unit: fc.constantFrom('[', ']', '{', '}', '"', ',', ':', '\\', '0', 'e', 'null', '\0', '\u{FEFF}', ' '),
});
const anyJson = fc.json({ stringUnit: 'binary' });
const mixture = fc.array(fc.oneof(soundElement, brokenElement, anyJson), { maxLength: 8 }).chain(spacedArray);

describe('parseBatch', () => {
  it('takes any bytes: nothing is thrown, every element is accounted for once, and all that is to be stored can be', () => {
    const body = fc.oneof(
      bytes,
      fc.oneof(jsonish, anyJson, mixture).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(body, (given) => {
        const { total, activities, rejections } = parse(given);
        expect(activities.length + rejections.length).to.equal(total);
        const positions = [...activities, ...rejections].map(({ position }) => position).sort((a, b) => a - b);
        expect(positions).to.deep.equal(Array.from({ length: total }, (_, index) => index));
        for (const { detail, raw } of rejections)
          for (const text of [detail, raw]) expect(text.includes('\0') || !text.isWellFormed(), JSON.stringify(text)).to.be.false;
      }),
      { numRuns: 500 },
    );
  });

  it('keeps as one broken element what has more elements or values than a worker’s memory takes', () => {
    const manyElements = (count: number) => `[${'0,'.repeat(count - 1)}0]`;
    const manyValues = (count: number) => `[{"x":[${'0,'.repeat(count)}0]}]`;
    for (const body of [manyElements(500_001), manyElements(9_000_000), manyValues(8_000_000)]) {
      const { total, activities, rejections } = parse(body);
      expect({ total, sound: activities.length }).to.deep.equal({ total: 1, sound: 0 });
      const [only, ...others] = rejections;
      expect(others).to.be.empty;
      expect(only).to.include({ position: 0, reason: 'too-many-elements' });
      expect(only?.detail).to.match(/500000|8000000/);
      expect(only?.raw === body).to.be.true;
    }
    expect(parse(manyElements(500_000)).total).to.equal(500_000);
  });

  it('never lets a broken element cost a sound one', () => {
    const elements = fc.array(
      fc.oneof(
        soundElement.map((text) => ({ text, isSound: true })),
        brokenElement.map((text) => ({ text, isSound: false })),
      ),
      { maxLength: 12 },
    );
    const bodies = elements.chain((drawn) => fc.tuple(fc.constant(drawn), spacedArray(drawn.map(({ text }) => text))));
    fc.assert(
      fc.property(bodies, ([drawn, body]) => {
        const { activities, rejections } = parse(body);
        const alone = drawn.map(({ text }) => parse(text).activities[0]);
        expect(activities).to.deep.equal(
          drawn.flatMap(({ isSound }, position) => (isSound ? [{ ...alone[position], position }] : [])),
        );
        expect(rejections.map(({ position, raw }) => [position, raw])).to.deep.equal(
          drawn.flatMap(({ isSound, text }, position) => (isSound ? [] : [[position, text]])),
        );
      }),
      { numRuns: 200 },
    );
  });

  for (const sample of ['bulk', 'triggered'])
    it(`takes the vendor’s sample ${sample}.json whole`, () => {
      const { total, activities } = parse(readFileSync(new URL(`../../samples/${sample}.json`, import.meta.url)));
      expect(activities.length).to.equal(total).and.to.be.greaterThan(0);
    });

  it('takes a bare object', () => {
    expect(parse(sound)).to.deep.equal(parse(`[${sound}]`));
  });

  it('finds nothing in []', () => {
    expect(parse('[]')).to.deep.equal({ total: 0, activities: [], rejections: [] });
  });

  it('takes a byte order mark', () => {
    expect(parse(`\u{FEFF}[${sound}]`).activities.length).to.equal(1);
  });

  for (const [name, body] of Object.entries({
    'an empty body': '',
    'a form': 'activityStatus=READ',
    'a body cut off': `[${sound},{"activ`,
    'a NUL': '\0',
    'text with a NUL': '[{"a":\0}]',
  }))
    it(`${name} is one broken element`, () => {
      expect(parse(body).total).to.equal(1);
      expect(reasons(body)).to.deep.equal([[0, 'not-json']]);
    });

  it('gives every kind of fault its own reason, at its position', () => {
    const date = (text: string) => `{"activityDateTime":"${text}","activityStatus":"READ"}`;
    const body = [
      sound,
      '7',
      '{"activityStatus":"READ"}',
      date('2024-02-30T00:00:00'),
      String.raw`{"a":"\u0000"}`,
      String.raw`{"a":{"\ud800":1}}`,
      `{"a":${'['.repeat(32)}${']'.repeat(32)}}`,
      `{"a":${'['.repeat(31)}${']'.repeat(31)},"activityDateTime":"2024-03-01T08:00:00","activityStatus":"READ"}`,
    ];
    expect(reasons(`[${body.join()}]`)).to.deep.equal([
      [1, 'not-an-object'],
      [2, 'invalid-field'],
      [3, 'bad-date'],
      [4, 'bad-text'],
      [5, 'bad-text'],
      [6, 'too-deep'],
    ]);
  });

  it('says of what is no object what it is', () => {
    expect(parse('[null, [], 7, "a"]').rejections.map(({ detail }) => detail.split('this is ')[1])).to.deep.equal([
      ...['null', 'an array', 'a number', 'a string'],
    ]);
  });

  it('takes a time up to the latest one that its receipt allows, and none behind it', () => {
    const latest = Date.UTC(2024, 2, 1, 8);
    const within = (ms: number) => parseBatch(Buffer.from(`[${sound}]`), { ...context, latest: ms }).activities.length;
    expect([within(latest), within(latest - 1)]).to.deep.equal([1, 0]);
    expect(parse('[{"activityDateTime":"9999-03-01T08:00:00","activityStatus":"READ"}]').activities).to.have.length(1);
  });

  it('reads the times of a source by its configuration, those of one that is gone as UTC, and a day ahead at most', () => {
    const sources = { shop: { timeZone: 'Europe/Kyiv', maxAhead: '2h' } };
    expect(parseContextOf(sources, 'shop', 1_000)).to.deep.equal({
      ...{ source: 'shop', timeZone: 'Europe/Kyiv', latest: 1_000 + 2 * 3_600_000 },
    });
    for (const gone of ['gone', 'constructor'])
      expect(parseContextOf(sources, gone, 1_000)).to.deep.equal({
        ...{ source: gone, timeZone: 'UTC', latest: 1_000 + 24 * 3_600_000 },
      });
  });

  it('finds half of a surrogate pair in capital letters too', () => {
    for (const half of [String.raw`\uD800`, String.raw`\uDfFf`, String.raw`\udC00`])
      expect(reasons(`[{"a":"${half}"}]`), half).to.deep.equal([[0, 'bad-text']]);
  });

  it('lets other work go on while a large body is parsed, and gives the same', async () => {
    const body = Buffer.from(`[${Array.from({ length: 1_000 }, () => sound).join()}]`);
    let turns = 0;
    let parsing = true;
    const count = () => {
      turns++;
      if (parsing) setImmediate(count);
    };
    setImmediate(count);
    const parsed = await parseBatchInTurns(body, context);
    parsing = false;
    expect(turns).to.be.at.least(5);
    expect(parsed).to.deep.equal(parseBatch(body, context));
  });

  it('cuts no character in half where it quotes what came', () => {
    const [rejection] = parse(`[{"activityStatus":"READ","activityDateTime":"${'x'.repeat(99)}😀"}]`).rejections;
    expect(rejection?.reason).to.equal('bad-date');
    expect(rejection?.detail.isWellFormed()).to.equal(true);
  });

  it('is not impressed by nesting 100,000 deep', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const { activities, rejections } = parse(`[${sound},${deep}]`);
    expect(activities.length).to.equal(1);
    expect(rejections).to.have.lengthOf(1);
    expect(rejections[0]).to.include({ position: 1, reason: 'too-deep', detail: 'is nested deeper than 32 levels', raw: deep });
  });

  it('reads subscriptions of a SUBSCRIPTION_CHANGED only, and refuses what is no list of keys', () => {
    const change = (status: string, list: string) =>
      `{"activityDateTime":"2024-03-01T08:00:00","activityStatus":"${status}","statusData":{"subscription":{"subscriptions":${list}}}}`;
    const { activities, rejections } = parse(
      `[${change('subscription_changed', '["b","a"]')},${change('READ', '[{}]')},${change('SUBSCRIPTION_CHANGED', '[{}]')}]`,
    );
    expect(activities.map(({ subscriptions }) => subscriptions)).to.deep.equal([['a', 'b'], null]);
    expect(rejections.map(({ position, detail }) => [position, detail])).to.deep.equal([
      [2, 'subscriptions: must be an array of strings'],
    ]);
  });

  it('keeps one identity for the same activity 1,000 times', () => {
    const { activities } = parse(`[${Array.from({ length: 1_000 }, () => sound).join()}]`);
    expect(new Set(activities.map(({ key }) => key)).size).to.equal(1);
  });

  it('says which time is none, from its first character on', () => {
    const { rejections } = parseBatch(Buffer.from(sound.replace('2024-03-01T08', '2024-02-30T08')), context);
    expect(rejections[0]?.detail).to.equal(
      'activityDateTime: "2024-02-30T08:00:00" is not a time YYYY-MM-DDTHH:MM:SS that exists in UTC',
    );
  });
});
