import { expect } from 'chai';
import { commandLinesOf } from '../../docs/commands/command-lines.js';
import { complaintAbout } from '../../docs/commands/complaint-about.js';
import { readPages } from '../../docs/markdown/pages.js';

describe('the command lines of the documentation', function () {
  this.timeout(60_000); // each command is loaded with all that it needs

  it('are ones that the program takes', async () => {
    const lines = (await readPages()).flatMap(commandLinesOf);
    expect(lines).to.have.length.greaterThan(5);
    const complaints = [];
    for (const { page, text, args } of lines) {
      const complaint = await complaintAbout(args);
      if (complaint !== null) complaints.push(`${page}: ${text.trim()}\n  ${complaint}`);
    }
    expect(complaints.join('\n')).to.equal('');
  });

  it('can be typed as they stand in a clone, where `vidhuk` by itself is not on the PATH', async () => {
    const lines = (await readPages()).flatMap(commandLinesOf);
    expect(lines.filter(({ text }) => /^\s*vidhuk /.test(text)).map(({ page, text }) => `${page}: ${text}`)).to.deep.equal([]);
  });

  it('would be told of, if they were not', async () => {
    expect(await complaintAbout(['contact', 'test1@yourdomain.com'])).to.equal(null);
    expect(await complaintAbout(['search'])).to.include('missing required argument');
    expect(await complaintAbout(['contact', 'a', 'b'])).to.include('too many arguments');
    expect(await complaintAbout(['contact', 'a', '--colour'])).to.include("unknown option '--colour'");
    expect(await complaintAbout(['contcat', 'a'])).to.include("unknown command 'contcat'");
    expect(await complaintAbout(['actions', 'lst'])).to.include("unknown command 'lst'");
  });
});
