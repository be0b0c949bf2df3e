import { expect } from 'chai';
import fc from 'fast-check';
import { inHeader, isOneOf, isOneOfInHeader, secretOf, tokenProblem } from '../../../packages/shared/src/index.js';

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

describe('tokenProblem', () => {
  it('names what cannot travel, and nothing else', () => {
    for (const token of ['a b', 'a\nb', 'a\u200bb', 'a\u00a0b', 'a\u0000b', '', '.', '..'])
      expect(tokenProblem(token), JSON.stringify(token)).to.be.a('string');
    for (const token of ['a', '...', 'a/b+c==', 'дуже-таємний-ключ-1', 'a?b#c%d', '"{}"'])
      expect(tokenProblem(token), token).to.be.null;
  });
});

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

describe('isOneOfInHeader', () => {
  it('knows a token in whichever of both ways its client has written it, as our own clients do', () => {
    const token = 'дуже-таємний-ключ-1';
    expect(isOneOfInHeader(inHeader(token), ['other', token])).to.be.true;
    expect(isOneOfInHeader(token, [token])).to.be.true; // out of Basic’s base64
    expect(isOneOfInHeader('wrong', [token])).to.be.false;
    expect(inHeader('plain-ascii')).to.equal('plain-ascii');
    expect(() => new Headers({ authorization: `Bearer ${inHeader(token)}` })).not.to.throw();
  });
});

describe('isOneOf, watched by a clock', () => {
  it('looks at every token, wherever the right one stands', () => {
    const looks = (given: string): number => {
      let count = 0;
      const tokens = ['a', 'b', 'c'];
      const watched = new Proxy(tokens, {
        get(target, key, receiver) {
          if (typeof key === 'string' && /^\d+$/.test(key)) count++;
          return Reflect.get(target, key, receiver) as unknown;
        },
      });
      isOneOf(given, watched);
      return count;
    };
    expect(['a', 'b', 'c', 'none'].map(looks)).to.deep.equal([3, 3, 3, 3]);
  });

  it('takes as long for a guess that is wrong at its end as for one that is wrong at its beginning', () => {
    // As long as this, plain equality takes a hundred times longer for the one than for the other.
    const token = 'x'.repeat(1_000_000);
    const guesses = { atBeginning: `y${token.slice(1)}`, atEnd: `${token.slice(0, -1)}y` };
    const least = { atBeginning: Number.POSITIVE_INFINITY, atEnd: Number.POSITIVE_INFINITY };
    for (let round = 0; round < 15; round++)
      for (const where of ['atBeginning', 'atEnd'] as const) {
        const started = performance.now();
        isOneOf(guesses[where], [token]);
        least[where] = Math.min(least[where], performance.now() - started);
      }
    expect(least.atEnd / least.atBeginning).to.be.within(1 / 5, 5);
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
