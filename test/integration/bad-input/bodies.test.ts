import { expect } from 'chai';
import { counts, deep, describeBadInput, sound } from './set-up.js';

describeBadInput('whole bodies', ({ deliver, expectProjected }) => {
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
        expect(outcome.rejections[0]?.raw === body.slice(0, 65_536)).to.be.true; // of a long one the beginning
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
});
