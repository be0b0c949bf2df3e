import { expect } from 'chai';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PermanentError, RetryLater, UnavailableError } from '../../../packages/shared/src/index.js';
import { loadExternalHandlers } from '../../../packages/worker/src/handlers/external-handlers.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import type { Handler } from '../../../packages/worker/src/handlers/handler.js';
import { bound, callContext, handlerActivity, problemsOf } from '../../support/call-context.js';
import { rejection } from '../../support/poll.js';
import { startReceiver } from '../../support/receiver.js';

const crm = `
  export default ({ defineHandler, Type, checkAnswer }) => defineHandler({
    name: 'crm',
    description: 'tells the CRM',
    params: Type.Object({ url: Type.String(), allowPrivateNetwork: Type.Boolean({ default: false }) }, { additionalProperties: false }),
    async run([activity], { url, allowPrivateNetwork }, { http, signal }) {
      const body = JSON.stringify({ id: activity.externalCustomerId });
      checkAnswer(await http.request({ method: 'POST', url, body, signal, allowPrivateNetwork }), { from: 'the CRM' });
    },
  });`;
const define = (name: string) =>
  `defineHandler({ name: '${name}', description: 'is ${name}', params: Type.Object({}), run: async () => undefined })`;

describe('handlers from files outside of the repository', () => {
  let folder: string;
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  /** Fails when there is any problem. */
  const loadFiles = async (paths: string[], from = folder): Promise<Handler[]> => {
    const { handlers, problems } = await loadExternalHandlers(paths, from);
    expect(problems).to.deep.equal([]);
    return handlers;
  };
  const load = async (text: string): Promise<Handler[]> => {
    await write('handler.mjs', text);
    return loadFiles(['./handler.mjs']);
  };
  const problemWith = async (text: string): Promise<string> => {
    await write('handler.mjs', text);
    const { handlers, problems } = await loadExternalHandlers(['./handler.mjs'], folder);
    expect(handlers).to.deep.equal([]);
    expect(problems).to.have.lengthOf(1);
    expect(problems[0]).to.match(/^handlers\[0\] \(\.\/handler\.mjs\): /);
    return problems[0]!.replace('handlers[0] (./handler.mjs): ', '');
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-handlers-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('work as those inside: parameters, client, outcomes', async () => {
    const [handler] = await load(crm);
    const receiver = await startReceiver();
    const http = createGuardedHttp();
    try {
      expect(handler).to.include({ name: 'crm', description: 'tells the CRM', group: false });
      expect(problemsOf(handler!, { urll: 'x' })).to.have.lengthOf(2);
      const run = bound(handler!, { url: receiver.url, allowPrivateNetwork: true });
      receiver.reply(200, 503, 422);
      await run([handlerActivity()], callContext({ http }));
      expect(receiver.calls[0]?.body).to.equal('{"id":"crm-42"}');
      expect(await rejection(run([handlerActivity()], callContext({ http })))).to.be.instanceOf(UnavailableError);
      expect(await rejection(run([handlerActivity()], callContext({ http })))).to.be.instanceOf(PermanentError);
    } finally {
      await http.close();
      await receiver.close();
    }
  });

  it('throw the errors that the program tells apart', async () => {
    const [final, later] = await load(`export default ({ defineHandler, Type, PermanentError, RetryLater }) => {
      const params = Type.Object({});
      return [
        defineHandler({ name: 'final', description: '', params, async run() { throw new PermanentError('no'); } }),
        defineHandler({ name: 'later', description: '', params, async run() { throw new RetryLater(1000); } }),
      ];
    }`);
    expect(await rejection(bound(final!, {})([], callContext()))).to.be.instanceOf(PermanentError);
    expect(await rejection(bound(later!, {})([], callContext()))).to.be.instanceOf(RetryLater);
  });

  it('may be several in one file and in several files', async () => {
    await write('a.mjs', `export default async ({ defineHandler, Type }) => [${define('one')}, ${define('two')}];`);
    await write('b.mjs', `export default ({ defineHandler, Type }) => ${define('three')};`);
    const handlers = await loadFiles(['a.mjs', join(folder, 'b.mjs')]);
    expect(handlers.map(({ name }) => name)).to.deep.equal(['one', 'two', 'three']);
  });

  it('may import @vidhuk/worker/handler where that resolves', async () => {
    const inside = await mkdtemp(join(import.meta.dirname, '../../../packages/worker/tmp-handlers-'));
    try {
      const text = `import { defineHandler, Type } from '@vidhuk/worker/handler';
        export const helper = () => 1;
        export const one = ${define('one')};
        export default one;`;
      await writeFile(join(inside, 'one.mjs'), text);
      expect((await loadFiles(['one.mjs'], inside)).map(({ name }) => name)).to.deep.equal(['one']);
    } finally {
      await rm(inside, { recursive: true });
    }
  });

  it('are loaded anew when their file has changed', async () => {
    const text = (name: string) => `export default ({ defineHandler, Type }) => ${define(name)};`;
    expect((await load(text('before')))[0]?.name).to.equal('before');
    await write('handler.mjs', text('after'));
    await utimes(join(folder, 'handler.mjs'), new Date(), new Date(Date.now() + 5_000));
    expect((await loadFiles(['./handler.mjs']))[0]?.name).to.equal('after');
  });

  it('are the same ones as before while their file is as it was', async () => {
    const before = await load(crm);
    expect(await loadFiles(['./handler.mjs'])).to.have.ordered.members(before);
  });

  describe('stop the boot', () => {
    it('when there is no such file', async () => {
      expect((await loadExternalHandlers(['./missing.mjs'], folder)).problems).to.deep.equal([
        `handlers[0] (./missing.mjs): there is no such file (looked for ${join(folder, 'missing.mjs')})`,
      ]);
    });

    it('when it is no JavaScript', async () => {
      expect(await problemWith('export default {\n  name: "x",,\n};')).to.match(/^is not a valid ES module: .*line 2/);
    });

    it('when it throws while it is loaded', async () => {
      expect(await problemWith('throw new Error("no settings");')).to.equal('cannot be loaded: no settings');
      expect(await problemWith('throw "text";')).to.equal('cannot be loaded: text');
    });

    it('when something that it imports is missing, and tells of the way without imports', async () => {
      expect(await problemWith("import './missing.mjs';")).to.include('missing.mjs');
      const problem = await problemWith("import { defineHandler } from '@vidhuk/worker/handler';");
      expect(problem).to.include("Cannot find package '@vidhuk/worker'").and.to.include('export default (vidhuk) =>');
      expect(problem).not.to.include('?changed');
    });

    it('when it exports no handler', async () => {
      expect(await problemWith('export const answer = 42;')).to.include('exports no handler');
      expect(await problemWith('')).to.include('exports no handler');
    });

    it('when what it exports is no handler', async () => {
      expect(await problemWith('export default 42;')).to.include('its default export is neither');
      expect(await problemWith('export default () => undefined;')).to.include('what its default export returns is neither');
      expect(await problemWith('export default [null];')).to.include('neither');
      expect(await problemWith("export const x = { name: 'x', params: {}, run() {} };")).to.include(
        'pass the object to defineHandler',
      );
    });

    it('when its definition is wrong', async () => {
      const definition = (text: string) => problemWith(`export default ({ defineHandler, Type }) => defineHandler(${text});`);
      expect(await definition('{}')).to.include('"name"');
      expect(await definition("{ name: 'No Name' }")).to.include('"name"');
      expect(await definition("{ name: 'x' }")).to.include('no "description"');
      expect(await definition("{ name: 'x', description: '' }")).to.include('no "params"');
      expect(await definition("{ name: 'x', description: '', params: Type.Object({}) }")).to.include('no function "run"');
      expect(await definition("{ name: 'x', description: '', params: { type: 'objekt' }, run() {} }")).to.include('threw');
      expect(await definition('undefined')).to.include('"name"');
    });

    it('with all that is wrong in all files at once; the others are known', async () => {
      await write('good.mjs', crm);
      await write('bad.mjs', 'throw new Error("bad");');
      const { handlers, problems } = await loadExternalHandlers(['missing.mjs', 'good.mjs', 'bad.mjs'], folder);
      expect(handlers.map(({ name }) => name)).to.deep.equal(['crm']);
      expect(problems.map((problem) => problem.slice(0, 11))).to.deep.equal(['handlers[0]', 'handlers[2]']);
    });
  });
});
