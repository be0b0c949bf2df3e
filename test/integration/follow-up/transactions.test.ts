import { expect } from 'chai';
import { PermanentError, UnavailableError } from '../../../packages/shared/src/index.js';
import { CallSlots } from '../../../packages/worker/src/follow-up/call-slots.js';
import { Deliverer } from '../../../packages/worker/src/follow-up/deliverer.js';
import { FollowUpMetrics } from '../../../packages/worker/src/follow-up/follow-up-metrics.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import type { HandlerActivity, RunContext } from '../../../packages/worker/src/handlers/handler.js';
import { Registry } from 'prom-client';
import { actionOf, actionsOf } from '../../support/follow-up/actions.js';
import { activity, noon } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { silentLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => activity({ contactId: index + 1, occurredAt: noon + index * 1_000 }));
const transaction = true;
const quick = { retry: { attempts: 5, maxDelay: 20 } };
const note = async (given: readonly HandlerActivity[], { db }: RunContext) => {
  for (const { contactId } of given) await db.query('insert into effect (contact_id) values ($1)', [contactId]);
};

for (const kind of storeKinds) {
  describe(`handlers with a transaction (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => {
      bed = await Bed.open(kind);
      await bed.query(
        'create table effect (contact_id bigint check (contact_id < 1000), once integer unique deferrable initially deferred)',
      );
    });
    afterEach(() => bed.close());
    const effects = async () =>
      (await bed.query<{ contact_id: string }>('select contact_id from effect order by 1')).map((row) => Number(row.contact_id));

    it('have their effect exactly once, whatever fails before and after it', async () => {
      const { handler } = recorder(
        async (given, ctx) => {
          await note(given, ctx);
          if (ctx.attempt === 1) throw new Error('after the effect');
          if (given[0]!.contactId! % 5 === 0 && ctx.attempt === 2)
            await ctx.db.query('select pg_terminate_backend(pg_backend_pid())');
        },
        { transaction },
      );
      const action = actionOf(quick, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(20));
      await bed.reach('done', 20);
      expect(await effects()).to.deep.equal(Array.from({ length: 20 }, (_, index) => index + 1));
    });

    it('have it once when two workers have the same job, as after a stall', async () => {
      const { handler, calls } = recorder(
        async (given, ctx) => {
          await note(given, ctx);
          await until('both have it', () => calls.length === 2);
        },
        { transaction },
      );
      const action = actionOf(quick, handler);
      await bed.plan([action], people(1));
      await bed.query(`update vidhuk.follow_up set state = 'queued', call_id = id, job_id = id, claimed_at = now()`);
      const [row] = await bed.rows();
      const http = createGuardedHttp();
      const { signal } = new AbortController();
      const signals = { stopping: signal, signal, onFinished: () => undefined };
      const parts = { action, dataSource: bed.dataSource, connections: new CallSlots(2), http, log: silentLog(), ...signals };
      const deliverer = () => new Deliverer({ ...parts, metrics: new FollowUpMetrics(new Registry(), bed.dataSource) });
      const job = { id: row!.id, calls: [row!.id] };
      await Promise.all([deliverer().deliver(job), deliverer().deliver(job)]);
      await http.close();
      expect(calls).to.have.lengthOf(2);
      expect(await effects()).to.deep.equal([1]);
      await bed.reach('done', 1);
    });

    it('have none for a row that is cancelled while they run, and still have it for the others of its group', async () => {
      const { handler } = recorder(
        async (given, ctx) => {
          await note(given, ctx);
          if (given.length === 3)
            await bed.query(`update vidhuk.follow_up set state = 'cancelled', job_id = null where contact_id = 2`);
        },
        { transaction },
      );
      const action = actionOf({ ...quick, group: { max: 3, withinMs: 50 } }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      await bed.reachStates({ done: 2, cancelled: 1 });
      expect(await effects()).to.deep.equal([1, 3]);
    });

    it('keep the effects of a group when one activity of it is reported', async () => {
      const { handler } = recorder(
        async (given, ctx) => {
          for (const each of given) {
            if (each.contactId === 2) ctx.fail(each, new PermanentError('not this one'));
            else await note([each], ctx);
          }
        },
        { transaction },
      );
      const action = actionOf({ ...quick, group: { max: 4, withinMs: 50 } }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(4));
      await bed.reachStates({ done: 3, failed: 1 });
      expect(await effects()).to.deep.equal([1, 3, 4]);
    });

    for (const [what, work] of [
      [
        'swallows the failure of a statement',
        (_given: unknown, { db }: RunContext) => db.query('select 1/0').catch(() => undefined),
      ],
      [
        'leaves something that the commit refuses',
        (_given: unknown, { db }: RunContext) => db.query('insert into effect (contact_id, once) values (1, 1), (2, 1)'),
      ],
    ] as const) {
      it(`fail, and are given up in the end, when a handler ${what}`, async () => {
        const { handler, calls } = recorder(
          async (given, ctx) => {
            await work(given, ctx);
          },
          { transaction },
        );
        const action = actionOf({ retry: { attempts: 3, maxDelay: 20 } }, handler);
        const { plan } = await bed.worker([action]);
        await plan([action], people(1));
        const [row] = await bed.reach('failed', 1);
        expect(row?.attempts).to.equal(3);
        expect(row?.last_error).to.match(/^given up after 3 attempts: /);
        expect(calls).to.have.lengthOf(3);
        expect(await effects()).to.deep.equal([]);
      });
    }

    it('have no statement that runs on after the time of the call', async () => {
      const { handler, calls } = recorder(
        async (_given, { db, attempt }) => {
          if (attempt === 1) await db.query('select pg_sleep(30)');
        },
        { transaction },
      );
      const action = actionOf({ ...quick, timeoutMs: 300 }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(1));
      await bed.reach('done', 1, { timeoutMs: 5_000 });
      expect(calls).to.have.lengthOf(2);
    });

    it('leave batches their connections, however slow they are and however many', async () => {
      let seconds = 1;
      const slow = (_given: unknown, { db }: RunContext) => db.query('select pg_sleep($1)', [seconds]).then(() => undefined);
      const handlers = [recorder(slow, { transaction }), recorder(slow, { name: 'plain' })];
      const actions = actionsOf(
        [
          { name: 'one', when: { status: 'READ' } },
          { name: 'two', when: { status: 'READ' } },
          { name: 'three', when: { status: 'READ' }, run: 'plain' },
        ],
        handlers.map(({ handler }) => handler),
      );
      const { plan } = await bed.worker(actions, { databaseConnections: 6 });
      await plan(
        actions,
        Array.from({ length: 8 }, (_, index) => activity({ status: 'READ', contactId: index + 1 })),
      );
      await until('calls are under way', () => handlers[0]!.underWay > 0);
      const started = performance.now();
      for (let batch = 0; batch < 5; batch++) await plan(actions, people(1));
      expect(performance.now() - started).to.be.lessThan(2_000);
      seconds = 0.1; // the rest is soon over
      await bed.reach('done', 24, { timeoutMs: 40_000 });
      expect(handlers[0]!.most).to.be.at.most(2);
    }).timeout(60_000);

    it('close the breaker again by their successes', async () => {
      const { handler } = recorder(
        (_given, { attempt }) => {
          if (attempt === 1) throw new UnavailableError('away');
        },
        { transaction },
      );
      const action = actionOf(quick, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      await bed.reach('done', 3);
      expect(await bed.query('select failures, allowed from vidhuk.action_state')).to.deep.equal([
        { failures: 0, allowed: null },
      ]);
    });
  });
}
