import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '../../../packages/shared/src/index.js';
import { loadExternalHandlers } from '../../../packages/worker/src/handlers/external-handlers.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import type { Handler } from '../../../packages/worker/src/handlers/handler.js';
import type { HttpClient } from '../../../packages/worker/src/handlers/http-client.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { bound, callContext, handlerActivity, problemsOf } from '../../support/call-context.js';
import { rejection } from '../../support/poll.js';
import { startReceiver } from '../../support/receiver.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

describe('the handler that README shows', () => {
  let handler: Handler;

  before(async () => {
    const [, code = ''] = /```js\n([\s\S]*?)```/.exec(await readFile('README.md', 'utf8')) ?? [];
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

it('README names every parameter of every built-in handler', async () => {
  const lines = (await readFile('README.md', 'utf8')).split('\n');
  for (const { name, params } of builtInHandlers) {
    const row = lines.find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
    const missing = Object.keys(params.properties).filter((param) => !new RegExp(`\`${param}\\b`).test(row));
    expect(missing, name).to.deep.equal([]);
  }
});
