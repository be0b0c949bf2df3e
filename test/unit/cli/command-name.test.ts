import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { asTyped, commandName } from '../../../packages/cli/src/output/command-name.js';
import { runCli } from '../../support/run-cli.js';

describe('the name of the command', () => {
  it('is npx vidhuk in a clone, and vidhuk where a link on the PATH was called', () => {
    expect(commandName('/clone/packages/cli/bin/vidhuk.mjs')).to.equal('npx vidhuk');
    expect(commandName('/clone/node_modules/.bin/vidhuk')).to.equal('npx vidhuk');
    expect(commandName('/usr/local/bin/vidhuk')).to.equal('vidhuk');
  });
  it('is put into texts of ours where a command line begins, and nowhere else', () => {
    expect(asTyped('run "vidhuk migrate"')).to.equal('run "npx vidhuk migrate"');
    expect(asTyped('  $ vidhuk actions list\n  vidhuk <command>')).to.equal(
      '  $ npx vidhuk actions list\n  npx vidhuk <command>',
    );
    for (const text of ['npx vidhuk migrate', '@vidhuk/worker', 'Vidhuk is running', '.vidhuk folder', 'vidhuk: no'])
      expect(asTyped(text)).to.equal(text);
  });
  it('has the version of its package', async () => {
    const { version } = JSON.parse(await readFile('packages/cli/package.json', 'utf8')) as { version: string };
    const { code, stdout } = await runCli({}, '--version');
    expect([code, stdout]).to.deep.equal([0, `${version}\n`]);
  });
  it('stands in help, whose defaults are in human units', async () => {
    const { stdout } = await runCli({}, 'actions', 'backtest', '--help');
    expect(stdout).to.contain('Usage: npx vidhuk actions backtest').and.to.contain('(default: 7d)');
    expect((await runCli({}, 'simulate', '--help')).stdout).to.contain('(default: 30 s)');
  }).timeout(180_000);
});
