/** What every handler promises, run against every handler in the list. */
import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { PermanentError } from '../../../packages/shared/src/index.js';
import { isHandler } from '../../../packages/worker/src/handlers/external-handlers.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import type { Handler, HandlerContext } from '../../../packages/worker/src/handlers/handler.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { bound, callContext, handlerActivities, handlerActivity } from '../../support/call-context.js';
import { captureLog } from '../../support/log-lines.js';
import { rejection } from '../../support/poll.js';
import { fixtures } from './fixtures/index.js';
import type { Behaviour, HandlerFixture } from './fixtures/fixture.js';

const folder = join(import.meta.dirname, '../../../packages/worker/src/handlers');

describe('every handler', () => {
  const inFolder: { file: string; handler: Handler }[] = [];

  before(async () => {
    for (const file of (await readdir(folder)).filter((name) => name.endsWith('.ts'))) {
      const exported = Object.values((await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>);
      inFolder.push(...exported.filter(isHandler).map((handler) => ({ file, handler })));
    }
  });

  it('is in the list', () => {
    const listed = builtInHandlers.map(({ name }) => name);
    const unlisted = inFolder.filter(({ handler }) => !listed.includes(handler.name)).map(({ file }) => file);
    expect(unlisted, 'files that are to be added to handlers/index.ts').to.deep.equal([]);
    expect(inFolder).to.have.lengthOf(builtInHandlers.length);
  });

  it('has the name of its file', () => {
    for (const { file, handler } of inFolder) expect(`${handler.name}.ts`).to.equal(file);
  });

  it('has a fixture for this suite', () => {
    expect(Object.keys(fixtures)).to.have.members(builtInHandlers.map(({ name }) => name));
  });
});

for (const handler of builtInHandlers) {
  const definition = fixtures[handler.name];
  if (definition === undefined) continue;

  describe(`the handler ${handler.name}`, () => {
    const http = createGuardedHttp();
    const captured = captureLog();
    const errors: Error[] = [];
    let fixture: HandlerFixture;

    const call = (given: Partial<HandlerContext> = {}): Promise<void> => {
      const db = fixture.db === undefined ? {} : { db: fixture.db };
      return bound(handler, fixture.params)([handlerActivity()], callContext({ http, log: captured.log, ...db, ...given }));
    };
    const failure = async (given: Partial<HandlerContext> = {}): Promise<Error> => {
      const error = await rejection(call(given));
      errors.push(error);
      return error;
    };
    const when = (behaviour: Behaviour, claim: string, test: () => Promise<void>) => {
      if (definition.behaviours.includes(behaviour)) it(claim, test);
    };

    before(async () => {
      fixture = await definition.open();
    });
    after(async () => {
      await http.close();
      await fixture.close();
    });

    it('refuses unknown parameters', () => {
      expect(handler.bind({ ...fixture.params, unheardOf: 1 }))
        .to.have.property('problems')
        .that.has.lengthOf(1);
    });

    it('describes itself', () => {
      expect(handler.description).to.match(/^[a-z].{10,100}$/);
    });

    when('succeeds', 'does it', async () => {
      const before = await fixture.done();
      await fixture.next('succeeds');
      await call();
      expect(await fixture.done()).to.equal(before + 1);
    });

    if (handler.group) {
      when('succeeds', 'does it for a group', async () => {
        await fixture.next('succeeds');
        const ctx = callContext({ http, log: captured.log });
        await bound(handler, fixture.params, { grouped: true })(handlerActivities(3), ctx);
        expect(ctx.failures.size).to.equal(0);
      });
    }

    when('never answers', 'ends with its time', async () => {
      await fixture.next('never answers');
      const started = Date.now();
      await failure({ signal: AbortSignal.timeout(150) });
      expect(Date.now() - started).to.be.lessThan(1_500);
    });

    when('never answers', 'ends when the process stops, and does not begin after that', async () => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Error('the process stops')), 100);
      await fixture.next('never answers');
      const started = Date.now();
      expect(await failure({ signal: stop.signal })).not.to.be.instanceOf(PermanentError);
      await fixture.next('never answers');
      await failure({ signal: stop.signal });
      expect(Date.now() - started).to.be.lessThan(1_500);
    });

    when('fails for good', 'says that a repeat cannot help', async () => {
      await fixture.next('fails for good');
      expect(await failure()).to.be.instanceOf(PermanentError);
    });

    when('fails for now', 'fails so that it is repeated, and then succeeds', async () => {
      await fixture.next('fails for now');
      expect(await failure()).not.to.be.instanceOf(PermanentError);
      const before = await fixture.done();
      await fixture.next('succeeds');
      await call({ attempt: 2 });
      expect(await fixture.done()).to.equal(before + 1);
    });

    when('fails for now', 'hands out one idempotency key on every attempt, and another for another call', async () => {
      if (fixture.idempotencyKeys === null) return;
      const before = fixture.idempotencyKeys().length;
      for (const [attempt, behaviour] of (['fails for now', 'never answers', 'succeeds'] as const).entries()) {
        await fixture.next(behaviour);
        const given = { attempt: attempt + 1, idempotencyKey: 'one-call', signal: AbortSignal.timeout(300) };
        if (behaviour === 'succeeds') await call(given);
        else await failure(given);
      }
      const keys = fixture.idempotencyKeys().slice(before);
      expect(keys).to.have.lengthOf(3);
      expect(new Set(keys).size).to.equal(1);
      await fixture.next('succeeds');
      await bound(handler, fixture.params)(
        [handlerActivity({ key: 'other' })],
        callContext({ http, idempotencyKey: 'another-call' }),
      );
      expect(fixture.idempotencyKeys().at(-1)).not.to.equal(keys[0]);
    });

    it('has told no secret, in no log line and in no error, its causes included', () => {
      const told = captured.text() + errors.map((error) => inspect(error, { depth: 10, showHidden: true })).join('\n');
      for (const secret of fixture.secrets) expect(told).not.to.include(secret);
    });
  });
}
