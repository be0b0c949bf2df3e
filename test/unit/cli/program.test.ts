import { expect } from 'chai';
import { runCli } from '../../support/run-cli.js';

describe('the command line', function () {
  this.timeout(180_000); // each command is loaded when it is asked for

  it('lists its commands, and each of them knows its name and has a help of its own', async () => {
    const { code, stdout } = await runCli({}, '--help');
    expect(code).to.equal(0);
    const [, list = ''] = stdout.split('Commands:\n');
    const names = [...list.matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
    expect(names).to.include.members([
      'contact',
      'search',
      'status',
      'completion',
      'quarantine',
      'doctor',
      'migrate',
      'actions',
      'follow-ups',
      'simulate',
      'verify',
    ]);
    for (const name of names) {
      const ofCommand = await runCli({}, name, '--help');
      expect(ofCommand.code, name).to.equal(0);
      expect(ofCommand.stdout)
        .to.match(new RegExp(`^Usage: npx vidhuk ${name} `))
        .and.to.include('Example');
    }
    expect((await runCli({}, 'quarantine', 'retry', '--help')).stdout).to.match(/--set <path=value> .*repeated$/m);
  });

  it('says of a command that it does not have what was meant, and fails', async () => {
    const { code, stderr } = await runCli({}, 'contatc', 'a@example.com');
    expect(code).to.equal(2);
    expect(stderr).to.include('Did you mean contact?');
  });
});
