import { expect } from 'chai';
import { stripVTControlCharacters } from 'node:util';
import { formatTable } from '../../../packages/cli/src/output/table.js';

const head = ['id', 'action', 'empty', 'last error'];
const id = '01a20d59-b9a6-7001';
const error = 'HTTP 404 Not Found: the hook at the other end is gone, says the receiver, and will not come back';
const lines = (rows: string[][], width: number) => stripVTControlCharacters(formatTable(head, rows, { width })).split('\n');

describe('a table', () => {
  it('fits the terminal: the widest columns are wrapped between words, ids stay whole', () => {
    const table = lines([[id, 'tell-crm', '–', error]], 60);
    for (const line of table) expect(line.length).to.be.at.most(60);
    expect(table.length).to.be.greaterThan(2);
    expect(table[1]).to.match(new RegExp(`^${id}  tell-crm  HTTP 404 Not`));
    const words = table.slice(1).flatMap((line) => line.slice(30).trim().split(' '));
    expect(words).to.deep.equal(error.split(' '));
  });
  it('leaves out columns without anything in them', () => {
    expect(
      lines(
        [
          [id, 'a', '–', ''],
          [id, 'b', '', 'x'],
        ],
        80,
      )[0],
    ).to.equal('id                  action  last error');
  });
  it('is as wide as it must be where no terminal is', () => {
    expect(lines([[id, 'tell-crm', '–', error]], Number.POSITIVE_INFINITY)[1]).to.equal(`${id}  tell-crm  ${error}`);
  });
  it('counts letters of other alphabets and wide characters as the terminal does', () => {
    const table = lines([[id, 'відгук 🙂 漢字 відгук 🙂 漢字', '–', error]], 60);
    expect(table.length).to.be.greaterThan(2);
  });
  it('cuts nothing off addresses and times: a word that is too wide goes on in the next line', () => {
    const address = 'olena.marchenko9991@corp.example.org';
    const table = formatTable(['address'], [[`${address} 2026-11-25T14:54:28.000Z`]], { width: 22 })
      .split('\n')
      .slice(1);
    expect(table).to.deep.equal(['olena.marchenko9991@', 'corp.example.org', '2026-11-25T14:54:28.', '000Z']);
  });
  it('gives a very long word three lines, and no more', () => {
    const table = lines([[id, 'a', '–', 'x'.repeat(500)]], 60);
    expect(table.filter((line) => line.includes('x'))).to.have.length(3);
    expect(table.at(-1)).to.match(/x…$/);
  });
});
