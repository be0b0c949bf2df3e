import { expect } from 'chai';
import { counts, deep, describeBadInput, sound, soundText, type BrokenElements } from './set-up.js';

const broken: BrokenElements = {
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
};

describeBadInput('texts and nesting', ({ pipeline, deliver, contact, expectProjected, quarantines }) => {
  describe('an element that is quarantined while the rest of its batch goes on:', () => {
    quarantines(broken);
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
    const [first, second, third] = elements.map((element) => JSON.stringify(element).slice(0, -1)) as [string, string, string];
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

  it('unknown keys: found in the view of the log as they were received', async () => {
    const element = sound({ surprise: { deep: [1, 'два'] } });
    const { batch } = await deliver(JSON.stringify([sound(), element]));
    const [row] = await pipeline().query('select raw from vidhuk.activity_raw where batch_id = $1 and position = 1', [batch.id]);
    expect(row?.raw).to.deep.equal(element);
  });
});
