import { expect } from 'chai';
import { parseAssignment, setValues } from '../../../packages/worker/src/quarantine/set-values.js';

const set = (raw: string, ...assignments: string[]): unknown =>
  JSON.parse(
    setValues(
      raw,
      assignments.map((text) => parseAssignment(text)!),
    ),
  );

describe('a value for a field that is a text', () => {
  it('is what was written, digits too', () => {
    for (const [text, value] of [
      ['sms=380501112233', '380501112233'],
      ['externalCustomerId=12345', '12345'],
      ['iid=12345678901234567890', '12345678901234567890'],
      ['messageName=true', 'true'],
      ['email="ann@example.com"', 'ann@example.com'],
      ['email=null', null],
      ['contactId=7', 7],
      ['hardBounce=true', true],
    ] as const)
      expect(parseAssignment(text), text).to.deep.include({ value });
  });
});

describe('mending an element by path=value', () => {
  it('takes a value that is JSON as JSON, and any other as text', () => {
    expect(
      set('{}', 'contactId=17', 'hardBounce=true', 'iid="5"', 'email=a@b.c', 'activityDateTime=2026-01-02T03:04:05'),
    ).to.deep.equal({
      contactId: 17,
      hardBounce: true,
      iid: '5',
      email: 'a@b.c',
      activityDateTime: '2026-01-02T03:04:05',
    });
  });
  it('keeps what it is not told to change', () => {
    expect(set('{"a":{"b":1,"c":2},"d":3}', 'a.b=5')).to.deep.equal({ a: { b: 5, c: 2 }, d: 3 });
  });
  it('makes the objects on the way', () => {
    expect(set('{"statusData":[]}', 'statusData.subscription.subscriptions=["news"]')).to.deep.equal({
      statusData: { subscription: { subscriptions: ['news'] } },
    });
  });
  it('takes everything behind the first = as the value', () => {
    expect(set('{}', 'clickEventLink=https://x/?a=b')).to.deep.equal({ clickEventLink: 'https://x/?a=b' });
  });
  it('sets a key named __proto__ as a key', () => {
    const text = setValues('{}', [parseAssignment('__proto__.polluted=1')!]);
    expect(text).to.equal('{"__proto__":{"polluted":1}}');
    expect({}).not.to.have.property('polluted');
  });
  it('has nothing to set without =', () => {
    expect(parseAssignment('contactId')).to.equal(undefined);
    expect(parseAssignment('=5')).to.equal(undefined);
  });
  it('refuses what is no object', () => {
    expect(() => setValues('[1]', [])).to.throw('only the fields of an object');
    expect(() => setValues('not json', [])).to.throw(SyntaxError);
  });
});
