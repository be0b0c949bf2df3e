import { expect } from 'chai';
import { withVariables } from '../../docs/sql/psql-variables.js';

describe('the variables of psql in the documentation', () => {
  it('are put in as literals, as names and as they are, and nowhere else', () => {
    const text = `\\set a 'it''s'\n\\set n 7\nselect :'a', :n, :"n", ':a', "x:n", x::text, :other -- :n`;
    expect(withVariables(text).trim()).to.equal(`select 'it''s', 7, "7", ':a', "x:n", x::text, :other -- :n`);
  });

  it('can be given other values, if they are there', () => {
    expect(withVariables("\\set day yesterday\n:'day'::date", { day: 'today' }).trim()).to.equal("'today'::date");
    expect(() => withVariables('select 1', { day: 'today' })).to.throw('no \\set day');
  });
});
