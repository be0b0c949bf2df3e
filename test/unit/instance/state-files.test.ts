import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { knownServices } from '../../../packages/cli/src/in-force/known-services.js';
import { secret } from '../../../packages/cli/src/instance/home.js';
import { lockInstance } from '../../../packages/cli/src/instance/instance-lock.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

describe('State files that a power cut has emptied', () => {
  for (const [what, content] of Object.entries({ nothing: '', zeros: '\0'.repeat(100), 'half of it': '{"pid": 4' })) {
    it(`name no instance, with ${what} in them, and the next start makes them anew`, async () => {
      const home = await makeTemporaryDirectory();
      const file = join(home, 'instance.json');
      await writeFile(file, content);
      expect(knownServices(home)).to.deep.equal([]);
      const said: string[] = [];
      const lock = await lockInstance(home, (text) => said.push(text));
      expect(JSON.parse(await readFile(file, 'utf8'))).to.include({ pid: process.pid });
      expect(said.join()).to.include('names no process');
      lock.release();
    });

    it(`are told by name where they hold secrets, with ${what} in them`, async () => {
      const home = await makeTemporaryDirectory();
      await writeFile(join(home, 'secrets.json'), content);
      expect(() => secret(home, 'ADMIN_TOKEN', {})).to.throw(
        /secrets\.json is not whole .*: put it back from a backup, or remove it/,
      );
    });
  }
});
