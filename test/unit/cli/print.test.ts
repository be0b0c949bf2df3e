import { expect } from 'chai';
import { clip, inLine, inLines, print } from '../../../packages/cli/src/output/print.js';

/** What `print` sends to a terminal with colours, or to a file. */
function printed(text: string, terminal: boolean): string {
  const { stdout } = process;
  const saved = ['write', 'isTTY', 'hasColors'].map((name): [string, unknown] => [name, Reflect.get(stdout, name)]);
  let written = '';
  stdout.write = (chunk: string | Uint8Array) => {
    written += String(chunk);
    return true;
  };
  stdout.isTTY = terminal;
  stdout.hasColors = () => true;
  try {
    print(text);
  } finally {
    Object.assign(stdout, Object.fromEntries(saved));
  }
  return written;
}

describe('what the commands print', () => {
  it('has its colours on a terminal, and none in a file', () => {
    expect(printed('\u001b[32myes\u001b[39m', true)).to.equal('\u001b[32myes\u001b[39m\n');
    expect(printed('\u001b[32myes\u001b[39m', false)).to.equal('yes\n');
  });
  it('never moves the cursor, clears the screen, talks to the terminal or turns the writing around', () => {
    const hostile = 'a\u001b[2Jb\u001b]0;title\u0007c\rd\u009b2Je\u202ef\u0000';
    for (const terminal of [true, false])
      expect(printed(hostile, terminal)).to.equal(
        String.raw`a\u001b[2Jb\u001b]0;title\u0007c\u000dd\u009b2Je\u202ef\u0000` + '\n',
      );
  });
  it('stays the same JSON', () => {
    const value = { text: 'a\u001b[31m\u009b2J\u202e\u007f\n' };
    expect(JSON.parse(printed(JSON.stringify(value), false))).to.deep.equal(value);
  });
  it('keeps tabs, line feeds and letters of every language', () => {
    expect(printed('a\tb\nвідгук', false)).to.equal('a\tb\nвідгук\n');
  });
});

describe('a value from outside, in one line', () => {
  it('has no line feed, colour or invisible character', () => {
    expect(inLine('a\nb\u001b[32mc\u2028d\u200be')).to.equal(String.raw`a\u000ab\u001b[32mc\u2028d\u200be`);
    expect(inLine('\u{e0041}')).to.equal(String.raw`\u{e0041}`);
  });
  it('is cut where it is too long', () => {
    expect(clip('a \n b\u001bc', 20)).to.equal(String.raw`a b\u001bc`);
    expect(clip('a \n b\u001bc', 5)).to.equal(String.raw`a b\…`);
  });
  it('keeps its lines where it has several, and nothing else', () => {
    expect(inLines('a\r\nb\u001b[31mc\rd')).to.equal('a\n' + String.raw`b\u001b[31mc\u000dd`);
  });
  it('is else as it was', () => {
    expect(inLine('5.1.1 (невідомий користувач) 🙂')).to.equal('5.1.1 (невідомий користувач) 🙂');
  });
});
