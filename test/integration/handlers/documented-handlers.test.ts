import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '../../../packages/shared/src/index.js';
import { loadExternalHandlers } from '../../../packages/worker/src/handlers/external-handlers.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import type { Handler } from '../../../packages/worker/src/handlers/handler.js';
import type { HttpClient } from '../../../packages/worker/src/handlers/http-client.js';
import { vidhuk } from '../../../packages/worker/src/handlers/kit.js';
import { bound, callContext, handlerActivity, problemsOf } from '../../support/call-context.js';
import { rejection } from '../../support/poll.js';
import { startReceiver } from '../../support/receiver.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

/** The code blocks of docs/handlers.md in that language, in order. */
const codeOf = async (language: string): Promise<string[]> => {
  const page = await readFile('docs/handlers.md', 'utf8');
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code = '']) => code);
};

describe('the handler of your own that docs/handlers.md shows', () => {
  let handler: Handler;

  before(async () => {
    const [code = ''] = await codeOf('js');
    const folder = await makeTemporaryDirectory();
    await writeFile(join(folder, 'crm.js'), code);
    const loaded = await loadExternalHandlers(['./crm.js'], folder);
    expect(loaded.problems).to.deep.equal([]);
    [handler] = loaded.handlers as [Handler];
  });

  it('loads from a file of its own, and checks its parameters', () => {
    expect(handler.name).to.equal('crm');
    expect(problemsOf(handler, { url: 'https://crm.example.com' })).to.deep.equal([]);
    expect(problemsOf(handler, {})).to.have.lengthOf(1);
    expect(problemsOf(handler, { url: 'https://crm.example.com', ulr: '' })).to.have.lengthOf(1);
  });

  it('makes its call with the key of the follow-up, has a failed one repeated, and makes none for whom the CRM does not know', async () => {
    const receiver = await startReceiver();
    const guarded = createGuardedHttp();
    const http: HttpClient = { request: (request) => guarded.request({ ...request, allowPrivateNetwork: true }) };
    try {
      const run = bound(handler, { url: `${receiver.url}/contacts` });
      receiver.reply(200, 503);
      await run([handlerActivity({ externalCustomerId: 'a/b' })], callContext({ http, idempotencyKey: 'key-1' }));
      expect(receiver.calls[0]).to.include({ method: 'PUT', path: '/contacts/a%2Fb' });
      expect(receiver.calls[0]?.headers).to.include({ 'idempotency-key': 'key-1' });
      expect(await rejection(run([handlerActivity()], callContext({ http })))).to.be.instanceOf(UnavailableError);
      await run([handlerActivity({ externalCustomerId: null })], callContext({ http }));
      expect(receiver.calls).to.have.lengthOf(2);
    } finally {
      await guarded.close();
      await receiver.close();
    }
  });
});

it('the handler of this repository that docs/handlers.md shows is the one in the repository, and so is its fixture', async () => {
  const files = ['packages/worker/src/handlers/log.ts', 'test/integration/handlers/fixtures/log.ts'];
  expect(await codeOf('ts')).to.deep.equal(await Promise.all(files.map((file) => readFile(file, 'utf8'))));
});

it('docs/handlers.md tells of everything that a handler from outside gets', async () => {
  const page = await readFile('docs/handlers.md', 'utf8');
  for (const name of Object.keys(vidhuk)) expect(page).to.include(`\`${name}`);
  const { failures: _failures, ...ctx } = callContext();
  for (const name of [...Object.keys(ctx), 'grouped']) expect(page, name).to.match(new RegExp(`^\\|.*\`${name}\\b`, 'm'));
});
