/** docs/architecture.md draws the house as ESLint checks it. */
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The floors of eslint.rooms.js, from the top down, each room by its short name. */
async function checkedFloors(): Promise<string[][]> {
  const module = (await import(pathToFileURL(resolve('eslint.rooms.js')).href)) as { floors: string[][] };
  const short = (room: string) => room.replace(/^packages\/(?:worker\/src\/)?/, '').replace(/(?:\/src|\.ts)$/, '');
  return module.floors.map((rooms) => rooms.map(short).sort());
}

it('docs/architecture.md draws the floors that ESLint checks', async () => {
  const [, house = ''] = (await readFile('docs/architecture.md', 'utf8')).split('\n## The house\n');
  const [, drawing = ''] = /```\n([\s\S]*?)```/.exec(house) ?? [];
  const drawn = drawing
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replace('worker: ', '')
        .trim()
        .split(/\s+/)
        .map((room) => room.replace(/\.ts$/, ''))
        .sort(),
    );
  expect(drawn).to.deep.equal(await checkedFloors());
});
