import { expect } from 'chai';
import fc from 'fast-check';
import { elementSpans, replaceElements } from '../../../packages/worker/src/activity/element-spans.js';
import { elementTexts } from '../../../packages/worker/src/activity/element-texts.js';
import { eraseElements } from '../../../packages/worker/src/activity/erase-elements.js';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { foldAddress, names, type People } from '../../../packages/worker/src/activity/people.js';
import { brokenElement, soundElement, spacedArray } from '../../support/arbitrary-activity.js';

const context = { source: 'main', timeZone: 'UTC' };
const people: People = { hasContact: (id) => id === 42, hasAddress: (address) => address === 'ann@example.com' };
const element = (fields: object) =>
  JSON.stringify({ activityDateTime: '2026-11-01T10:00:00', activityStatus: 'DELIVERED', iid: 'i', ...fields });

describe('The elements of a body, by bytes', () => {
  it('are those that its text has, whatever is in them and between them', () => {
    const bodies = fc.array(fc.oneof(soundElement, brokenElement), { maxLength: 6 }).chain(spacedArray);
    fc.assert(
      fc.property(bodies, (text) => {
        const body = Buffer.from(text);
        expect(elementSpans(body).map(({ start, end }) => body.subarray(start, end).toString())).to.deep.equal(
          elementTexts(text),
        );
      }),
    );
  });
  it('can be replaced, and all others stay byte for byte', () => {
    const body = Buffer.concat([
      Buffer.from('\ufeff [ {"a":1} ,\n{"b":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"},{"c":"]}"} ] '),
    ]);
    const replaced = replaceElements(body, new Map([[0, '{}']]));
    expect(replaced).to.deep.equal(
      Buffer.concat([Buffer.from('\ufeff [ {} ,\n{"b":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"},{"c":"]}"} ] ')]),
    );
  });
  it('end where a text that was cut off ends', () => {
    const body = Buffer.from('[{"a":1},{"contactId":42,"email":"ann@exa');
    expect(elementSpans(body)).to.deep.equal([
      { start: 1, end: 8 },
      { start: 9, end: body.length },
    ]);
  });
});

describe('Taking people out of a body', () => {
  it('leaves in their place that something happened, under the same key, and nothing of whom', () => {
    const theirs = element({ contactId: 42, email: 'ann@example.com', firstName: 'Ann', mediaType: 'email', messageId: 7 });
    const other = element({ contactId: 420, email: 'bob@example.com', big: 12345678901234567890n.toString() });
    const body = Buffer.from(`[${other}, ${theirs}]`);
    const erased = eraseElements(body, context, people)!;
    expect(erased.body.toString()).not.to.match(/ann@example|"Ann"|42[^0]|"i"\}/i);
    expect(erased.body.toString()).to.include(other);
    const again = parseBatch(erased.body, { ...context, stubs: true });
    const before = parseBatch(body, context);
    expect(again.activities).to.deep.equal(before.activities.slice(0, 1));
    expect(again.erased).to.deep.equal(erased.activities);
    expect(again.erased?.[0]).to.include({
      key: before.activities[1]?.key,
      contactId: null,
      iid: null,
      email: null,
      position: 1,
    });
    expect([again.total, again.rejections]).to.deep.equal([2, []]);
  });
  it('finds broken elements, anonymous ones, and what is no JSON', () => {
    for (const text of [
      `[{"contactId":42,"activityDateTime":"never"}]`,
      `[{"contactId":"42","activityStatus":7}]`,
      `[${element({ note: 'Ann@Example.com' })}]`,
      `[{"a":1},{"contactId": 42, "x`,
      `[{"email":"ann@example.com"`,
    ])
      expect(names(people, eraseElements(Buffer.from(text), context, people)?.body.toString() ?? text), text).to.equal(false);
  });
  it('gives the activities that it has taken out, and none for what is none', () => {
    const body = `[{"contactId":42,"activityDateTime":"never"},${element({ contactId: 42 })}]`;
    expect(eraseElements(Buffer.from(body), context, people)!.activities.map(({ position }) => position)).to.deep.equal([1]);
  });
  it('leaves another contact alone, whatever addresses it names, and finds nothing twice', () => {
    expect(eraseElements(Buffer.from(`[${element({ contactId: 7, email: 'ann@example.com' })}]`), context, people)).to.equal(
      undefined,
    );
    const once = eraseElements(Buffer.from(`[${element({ contactId: 42 })},{"contactId":42}]`), context, people)!;
    expect(once.elements).to.equal(2);
    expect(eraseElements(once.body, context, people)).to.equal(undefined);
  });
  it('takes a stub of a sender for an element like any other: only bodies that were kept have stubs', () => {
    const body = Buffer.from(`[${element({ contactId: 7, vidhukErased: 'c0a80101-0000-8000-8000-000000000000' })}]`);
    const parsed = parseBatch(body, context);
    expect(parsed.erased).to.equal(undefined);
    expect(parsed.activities[0]?.contactId).to.equal(7);
  });
});

describe('What is left of an erased element', () => {
  const left = (fields: object) => {
    const body = eraseElements(Buffer.from(`[${element({ contactId: 42, ...fields })}]`), context, people)!.body.toString();
    return { stub: (JSON.parse(body) as [object])[0], read: parseBatch(Buffer.from(body), { ...context, stubs: true }) };
  };
  it('keeps a hard bounce, and names nothing that was not told', () => {
    const bounce = left({ activityStatus: 'UNDELIVERED', hardBounce: true, mediaType: 'email', messageId: 7 });
    expect(bounce.stub).to.include({ activityStatus: 'UNDELIVERED', hardBounce: true, mediaType: 'email', messageId: 7 });
    expect(bounce.read.erased?.[0]).to.include({ hardBounce: true, messageId: 7, broadcastId: null });
    expect(Object.keys(left({ hardBounce: false }).stub)).to.have.members(['activityDateTime', 'activityStatus', 'vidhukErased']);
  });
  it('is nothing but its place of a broken element, which nobody reads again', () => {
    const { stub, read } = left({ activityDateTime: 'never' });
    expect(stub).to.deep.equal({ vidhukErased: true });
    expect([read.total, read.activities, read.rejections, read.erased]).to.deep.equal([1, [], [], undefined]);
  });
  it('is no stub where the mark is not ours: it is read like any other', () => {
    for (const vidhukErased of [false, 'nobody', 7, null]) {
      const read = parseBatch(Buffer.from(`[${element({ vidhukErased })}]`), { ...context, stubs: true });
      expect([read.activities.length, read.erased], JSON.stringify(vidhukErased)).to.deep.equal([1, undefined]);
    }
  });
  it('stays where hints are given, and an element without any of them is not looked at', () => {
    const body = Buffer.from(`[${element({ contactId: 42, n: 1 })},${element({ contactId: 42, n: 2 })}]`);
    expect(eraseElements(body, context, people, [Buffer.from('"n":2'), Buffer.from('x')])?.elements).to.equal(1);
    expect(eraseElements(body, context, people, [Buffer.from('x')])).to.equal(undefined);
  });
});

describe('An address', () => {
  it('is one however it is written', () => {
    expect(foldAddress(' Ann@Example.com')).to.equal('ann@example.com');
    expect(foldAddress('+38 (095) 649-09-55')).to.equal('380956490955');
    expect(foldAddress('zoe\u0301@example.com')).to.equal('zo\u00e9@example.com');
    expect(foldAddress('1234')).to.equal(null);
  });
});
