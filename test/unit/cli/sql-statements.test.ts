import { expect } from 'chai';
import fc from 'fast-check';
import { lex } from '../../../packages/cli/src/sql/lex.js';
import { Statements } from '../../../packages/cli/src/sql/statements.js';

describe('Statements of "vidhuk sql"', () => {
  const split = (text: string) => {
    const statements = new Statements();
    return [...statements.push(text), ...statements.flush()];
  };

  it('end with their semicolon, over as many lines as it takes', () => {
    const statements = new Statements();
    expect(statements.push('select 1\n')).to.deep.equal([]);
    expect(statements.isPending).to.be.true;
    expect(statements.push(', 2; select\n')).to.deep.equal(['select 1\n, 2']);
    expect(statements.push('3;\n')).to.deep.equal(['select\n3']);
    expect(statements.isPending).to.be.false;
  });

  for (const quoted of [
    `'a;b'`,
    `'it''s;'`,
    `E'it\\'s;'`,
    `e'\\\\;'`,
    `"a;""b"`,
    `$$a;b$$`,
    `$x$a;$$;b$x$`,
    `/* a; /* b; */ c; */ 1`,
    `1 -- a;'\n`,
    `a$b$ + 1`,
    `'select;'::text`,
  ])
    it(`do not end inside of ${JSON.stringify(quoted)}`, () => {
      expect(split(`select ${quoted}; select 2`)).to.deep.equal([`select ${quoted}`.trim(), 'select 2']);
    });

  for (const begun of [`select 'a;\n`, `select "a;\n`, `select $$;\n`, `select /* ; /* ; */ ;\n`, `select E'a\\';\n`])
    it(`wait for the rest of ${JSON.stringify(begun)}`, () => {
      const statements = new Statements();
      expect(statements.push(begun)).to.deep.equal([]);
      expect(statements.isPending).to.be.true;
    });

  it('are none where there is only a comment', () => {
    expect(split('-- nothing\n /* at all */ ;;\n')).to.deep.equal([]);
    expect(split('-- nothing\n')).to.deep.equal([]);
  });

  it('have their variables filled in, as psql does: as a text, as a name, as it is; not in texts, not for casts', () => {
    const statements = new Statements();
    statements.variables.set('who', `o'neil`).set('n', '5');
    expect(statements.push(`select :'who', :"who", :n, ':n', x::n, a[1:2], :other;`)).to.deep.equal([
      `select 'o''neil', "o'neil", 5, ':n', x::n, a[1:2], :other`,
    ]);
  });

  it('lose no character of any text', () => {
    const pieces = fc.constantFrom(`'`, `"`, '$', '$$', ';', ':', '--', '/*', '*/', '\n', 'e', 'a', ' ', '\\', 'ї');
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const whole = parts.join('');
        expect([...lex(whole)].map(({ text }) => text).join('')).to.equal(whole);
      }),
    );
  });
});
