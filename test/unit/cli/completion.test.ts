import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { runCli, runCliProcess } from '../../support/run-cli.js';

/** The library prints by itself, so the command runs as a process of its own. */
const capture = async (...args: string[]) => {
  const { code, stdout } = await runCliProcess({}, `vidhuk ${args.join(' ')}`);
  return { code, text: stdout };
};

describe('completion', function () {
  this.timeout(180_000);
  it('is a script for each shell, which the shell can read', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, text } = await capture('completion', shell);
      expect(code, shell).to.equal(0);
      expect(text, shell).to.contain('vidhuk complete');
    }
    const { text } = await capture('completion', 'bash');
    expect(spawnSync('bash', ['-n'], { input: text }).stderr.toString()).to.equal('');
    expect((await runCli({}, 'completion', 'tcsh')).code).to.equal(2);
  });
  it('knows commands, and the options of the command that is being typed', async () => {
    expect((await capture('complete', '--', 'sta')).text).to.match(/^status\t/m);
    expect((await capture('complete', '--', 'contact', '--e')).text).to.match(/^--email\t/m);
  });
});
