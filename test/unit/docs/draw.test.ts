import { expect } from 'chai';
import { draw, textOf } from '../../docs/pictures/draw.js';

describe('a picture of a terminal', () => {
  it('has the text that stood there, line by line', () => {
    const svg = draw('\x1b[1mVidhuk\x1b[22m \x1b[2mruns\x1b[22m\n\n  a   b & <c>   "d"  \x1b[32m✓\x1b[39m  відгук');
    expect(textOf(svg)).to.deep.equal(['Vidhuk runs', 'a b & <c> "d" ✓ відгук']);
  });

  it('keeps columns, colours and what is dim', () => {
    const svg = draw('a   b\x1b[2m c\x1b[22m\x1b[31m d\x1b[39m');
    expect(svg)
      .to.include('a&#xA0;&#xA0;&#xA0;b')
      .and.to.match(/fill="#8b949e">\s?c</)
      .and.to.match(/fill="#ff7b72">\s?d</);
  });
});
