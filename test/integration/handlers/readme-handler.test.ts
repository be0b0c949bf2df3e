import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadExternalHandlers } from '../../../packages/worker/src/handlers/registry.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

it('the handler that README shows loads from a file of its own, and checks its parameters', async () => {
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(await readFile('README.md', 'utf8')) ?? [];
  const folder = await makeTemporaryDirectory();
  await writeFile(join(folder, 'crm.mjs'), code);
  const [handler] = await loadExternalHandlers(['./crm.mjs'], folder);
  expect(handler?.name).to.equal('crm');
  expect(handler?.bind({ url: 'https://crm.example.com' })).to.have.property('run');
  expect(handler?.bind({})).to.have.property('problems');
});
