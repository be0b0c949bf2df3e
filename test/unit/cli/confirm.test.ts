import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import { confirm } from '../../../packages/cli/src/output/confirm.js';

/** Someone who types `text` at a terminal, or into a pipe. */
const typing = (text: string, isTTY = true) => ({
  input: Object.assign(new PassThrough(), { isTTY }).end(text),
  output: new PassThrough(),
});

describe('confirm', () => {
  it('asks, and takes only a yes for one', async () => {
    for (const [typed, answer] of [
      ['y\n', true],
      [' YES \n', true],
      ['\n', false],
      ['n\n', false],
      ['yo\n', false],
    ] as const) {
      const screen = typing(typed);
      expect(await confirm('Retry 2 follow-ups?', undefined, screen), typed).to.equal(answer);
      expect(String(screen.output.read())).to.equal('Retry 2 follow-ups? [y/N] ');
    }
  });

  it('takes the end of what is typed for a no', async () => {
    expect(await confirm('Retry 2 follow-ups?', undefined, typing(''))).to.equal(false);
  });

  it('asks nobody when it was told yes, nor where nobody sits', async () => {
    for (const [yes, screen, answer] of [
      [true, typing('n\n'), true],
      [undefined, typing('y\n', false), false],
    ] as const) {
      expect(await confirm('Retry 2 follow-ups?', yes, screen)).to.equal(answer);
      expect(screen.output.read()).to.equal(null);
    }
  });
});
