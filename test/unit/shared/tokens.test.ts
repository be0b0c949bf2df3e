import { expect } from 'chai';
import fc from 'fast-check';
import { isOneOf, secretOf } from '../../../packages/shared/src/index.js';

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

describe('isOneOf', () => {
  it('accepts any of the tokens, and only those', () => {
    expect(isOneOf('new', ['old', 'new'])).to.be.true;
    expect(isOneOf('old', ['old', 'new'])).to.be.true;
    expect(isOneOf('older', ['old', 'new'])).to.be.false;
    expect(isOneOf('', ['old', 'new'])).to.be.false;
    expect(isOneOf('anything', [])).to.be.false;
  });

  it('agrees with plain equality for texts of any lengths, and never throws', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 4 }), (given, accepted) => {
        // As UTF-8: half surrogate pairs are one and the same there.
        const wellFormed = accepted.map((token) => token.toWellFormed());
        expect(isOneOf(given, accepted)).to.equal(wellFormed.includes(given.toWellFormed()));
      }),
    );
  });
});

describe('secretOf', () => {
  it('gives the token of Bearer, whatever the case of the scheme', () => {
    expect(secretOf('Bearer abc')).to.equal('abc');
    expect(secretOf('bearer   abc')).to.equal('abc');
  });

  it('gives the password of Basic, which may hold colons', () => {
    expect(secretOf(basic('user:password'))).to.equal('password');
    expect(secretOf(basic(':pass:with:colons:'))).to.equal('pass:with:colons:');
    expect(secretOf(basic('користувач:пароль'))).to.equal('пароль');
    expect(secretOf(basic('user:').replace('Basic', 'BASIC'))).to.equal('');
  });

  it('gives nothing where there is no secret', () => {
    for (const header of [undefined, '', 'Bearer', 'Basic', basic('no-colon'), 'Digest username=x', 'abc'])
      expect(secretOf(header), String(header)).to.equal(undefined);
  });

  it('gives back any password', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((user) => !user.includes(':')),
        fc.string({ unit: 'grapheme' }),
        (user, password) => secretOf(basic(`${user}:${password}`)) === password.toWellFormed(),
      ),
    );
  });
});
