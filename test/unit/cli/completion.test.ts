import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { runCli } from '../../support/run-cli.js';

const capture = async (...args: string[]) => {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    const { code, stdout } = await runCli({}, ...args);
    return { code, text: stdout + lines.join('\n') };
  } finally {
    console.log = log;
  }
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
