import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { textOf } from '../../docs/pictures/draw.js';
import { screenAfter } from '../../docs/pictures/screen.js';

describe('the screen of a terminal', () => {
  it('shows of lines that were written again what came last', () => {
    expect(screenAfter('⠋ one\r\n\x1b[1A\x1b[2K\x1b[G⠙ one\r\n\x1b[1A\x1b[J✔ one\r\ntwo')).to.equal('✔ one\ntwo');
    expect(screenAfter('10 %\r20 %\r\x1b[Kdone\n')).to.equal('done');
    expect(screenAfter('\x1b[?25la\r\n\r\nb\x1b[?25h')).to.equal('a\n\nb');
  });

  it('keeps colours, also of a line of which a part was written again', () => {
    expect(screenAfter('\x1b[1mbold\x1b[22m \x1b[2mdim\x1b[22m')).to.equal('\x1b[1mbold\x1b[22m \x1b[2mdim\x1b[22m');
    expect(screenAfter('\x1b[32mab\x1b[39m\r\x1b[31mA\x1b[0m')).to.equal('\x1b[31mA\x1b[39m\x1b[32mb\x1b[39m');
  });
});

describe('the pictures of README', () => {
  for (const name of ['start', 'contact', 'doctor'])
    it(`show no line twice: ${name}`, async () => {
      const lines = textOf(await readFile(`docs/pictures/${name}.svg`, 'utf8')).filter((line) => line !== '');
      expect(lines).to.have.length.within(5, 60);
      expect(new Set(lines).size).to.equal(lines.length);
      // A step is shown once, however often its line was written.
      for (const step of ['PostgreSQL', 'migrations', 'worker', 'ingress'])
        expect(lines.filter((line) => new RegExp(`^\\S+ ${step}\\b.*\\[`).test(line)).length).to.be.at.most(1);
      expect(lines.filter((line) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏■◼❯]/.test(line))).to.deep.equal([]);
    });
});
