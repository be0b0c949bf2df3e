import { expect } from 'chai';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { selectDueCalls } from '../../../packages/worker/src/follow-up/due-calls.js';
import { GoneError, PermanentError, UnavailableError } from '../../../packages/shared/src/index.js';
import { esputnikRequest } from '../../../packages/worker/src/handlers/esputnik-request.js';
import { startEsputnikServer } from '../../support/esputnik-server.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity, noon } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { storeKinds } from '../../support/stores.js';

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => activity({ contactId: index + 1, occurredAt: noon + index * 1_000 }));
const grouped = { group: { max: 10, withinMs: 100 }, retry: { attempts: 4, maxDelay: 20 } };

for (const kind of storeKinds) {
  describe(`groups (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    it('puts up to the allowed number of activities into one call, in order', async () => {
      const { handler, calls } = recorder();
      const action = actionOf(grouped, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(35));
      const rows = await bed.reach('done', 35);
      expect(calls.map(({ activities }) => activities.length).sort()).to.deep.equal([10, 10, 10, 5]);
      for (const { occurred } of calls) expect(occurred).to.deep.equal([...occurred].sort());
      expect(new Set(rows.map(({ call_id }) => call_id))).to.deep.equal(new Set(calls.map(({ key }) => key)));
    });

    it('lets a group that is not full wait for others, but not longer than it may', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({ ...grouped, group: { max: 10, withinMs: 2_500 } }, handler);
      const { plan } = await bed.worker([action]);
      const started = performance.now();
      for (const person of people(4)) await plan([action], [person]);
      await bed.reach('done', 4);
      expect(calls).to.have.lengthOf(1);
      expect(calls[0]!.began - started).to.be.at.least(2_400);
    });

    it('repeats a failed call with the same activities and the same key', async () => {
      const { handler, calls } = recorder((_activities, { attempt }) => {
        if (attempt < 3) throw new Error('503');
      });
      const action = actionOf(grouped, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(25));
      await bed.reach('done', 25);
      const byKey = new Map<string, string[]>();
      for (const { key, activities } of calls) {
        expect(activities).to.deep.equal(byKey.get(key) ?? activities);
        byKey.set(key, activities);
      }
      expect(byKey.size).to.equal(3);
      expect(calls).to.have.lengthOf(9);
    });

    it('repeats only the activities that the handler reports, in another call', async () => {
      const { handler, calls } = recorder((activities, ctx) => {
        for (const each of activities)
          if (ctx.attempt === 1 && each.contactId! % 5 === 0) ctx.fail(each, new Error('not this one'));
      });
      const action = actionOf({ ...grouped, group: { max: 20, withinMs: 50 } }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(20));
      const rows = await bed.reach('done', 20);
      expect(calls[0]!.activities).to.have.lengthOf(20);
      const again = calls.slice(1).flatMap(({ contacts }) => contacts);
      expect(again.sort()).to.deep.equal([10, 15, 20, 5]);
      expect(calls.slice(1).map(({ key }) => key)).to.not.include(calls[0]!.key);
      for (const { attempts, contact_id } of rows) expect(attempts).to.equal(Number(contact_id) % 5 === 0 ? 2 : 1);
    });

    it('knows a reported activity by its row, whatever object the handler hands back, and takes none for done when it knows none', async () => {
      const { handler } = recorder((activities, ctx) => {
        const [first] = activities.map((each) => ({ ...each }));
        if (ctx.attempt === 1) ctx.fail({ ...first!, followUpId: 'of no row' }, new PermanentError('whose?'));
        else ctx.fail(first!, new PermanentError('not this one'));
      });
      const action = actionOf({ ...grouped, group: { max: 3, withinMs: 50 } }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      const rows = await bed.reachStates({ done: 2, failed: 1 });
      expect(rows.map(({ attempts }) => attempts)).to.deep.equal([2, 2, 2]);
      expect(rows.find(({ state }) => state === 'failed')).to.include({ contact_id: '1', last_error: 'not this one' });
    });

    it('gives up for ever only the activity that cannot get better', async () => {
      const { handler } = recorder((activities, ctx) => {
        for (const each of activities) if (each.contactId === 3) ctx.fail(each, new PermanentError('unknown contact'));
      });
      const action = actionOf(grouped, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(10));
      await bed.reachStates({ done: 9, failed: 1 });
      expect((await bed.rows()).find(({ state }) => state === 'failed')).to.include({
        contact_id: '3',
        attempts: 1,
        last_error: 'unknown contact',
      });
    });

    it('pauses when most of a call finds the endpoint unavailable, and repeats only these', async () => {
      const { handler, calls } = recorder((activities, ctx) => {
        for (const each of activities)
          if (each.contactId! % 10 > 3 && ctx.attempt === 1) ctx.fail(each, new UnavailableError('503'));
      });
      const action = actionOf({ ...grouped, concurrency: 1, retry: { attempts: 4, maxDelay: '1h' } }, handler);
      const { plan } = await bed.worker([action]);
      for (let nth = 1; nth <= 5; nth++) {
        await plan([action], people(10 * nth).slice(-10));
        await bed.reachStates({ done: 4 * nth, waiting: 6 * nth });
      }
      const [breaker] = await bed.query('select failures, opened, blocked_until > now() as paused from vidhuk.action_state');
      expect(breaker).to.deep.equal({ failures: 5, opened: 1, paused: true });
      expect(calls).to.have.lengthOf(5);
      await bed.query(`update vidhuk.action_state set blocked_until = now() - interval '1 s'`);
      await bed.query(`update vidhuk.follow_up set next_attempt_at = now() where state = 'waiting'`);
      await bed.reach('done', 50);
      const again = calls.slice(5).flatMap(({ contacts }) => contacts);
      expect(again).to.have.lengthOf(30);
      expect(again.every((contact) => contact! % 10 > 3)).to.be.true;
    });

    for (const attempts of [1, 30])
      it(`fails only the contact for which the platform refuses a call, with ${attempts} attempts: the others go out by halves`, async () => {
        const platform = await startEsputnikServer();
        bed.onClose(() => platform.close());
        const { apiKey, baseUrl } = platform;
        const parameters = { call: 'unsubscribe', apiKey, baseUrl, allowPrivateNetwork: true };
        const group = { max: 40, withinMs: 100 };
        const action = actionOf({ run: 'esputnik-request', with: parameters, group, retry: { attempts } }, esputnikRequest);
        const { plan } = await bed.worker([action]);
        // Each contact twice, so that halves of a call have contacts in common.
        const activities = [...people(20), ...people(20)].map((person, index) => {
          const email = person.contactId === 13 ? 'nonsense' : `contact${person.contactId}@example.com`;
          return { ...person, email, occurredAt: noon + index * 1_000 };
        });
        await plan([action], activities);
        const rows = await bed.reachStates({ done: 38, failed: 2 });
        for (const row of rows) {
          expect(row).to.include({ state: row.contact_id === '13' ? 'failed' : 'done', attempts: 1 });
          if (row.contact_id === '13') expect(row.last_error).to.match(/^http\S+ answered 400: not an e-mail address: nonsense$/);
          else expect(row.last_error).to.be.null;
        }
        expect(platform.state.unsubscribed).to.have.lengthOf(19);
        expect(platform.requests[0]).to.include({ size: 20 });
        expect(platform.requests, 'two culprits of 40').to.have.length.within(10, 1 + 2 * 2 * 6);
      });

    it('that is not full waits for others, also while a row waits behind an earlier one of its contact', async () => {
      const action = actionOf({ group: { max: 10, withinMs: 60_000 } });
      await bed.plan([action], [...people(1), activity({ contactId: 1, occurredAt: noon + 60_000 })]);
      await bed.query(`update vidhuk.follow_up set call_id = gen_random_uuid(), attempts = 1, next_attempt_at = now() + interval '1 h'
        where occurred_at = (select min(occurred_at) from vidhuk.follow_up)`);
      await bed.query(`update vidhuk.follow_up set next_attempt_at = now() - interval '1 h' where call_id is null`);
      await bed.plan([action], [activity({ contactId: 2 })]);
      const due = await inTransaction(bed.dataSource, (client) => selectDueCalls(client, action, 10));
      expect(due.calls).to.deep.equal([]);
      expect(due.nextLookMs).to.be.within(50_000, 60_000);
    });

    it('lets no activity go before an earlier one of its contact that waits for its turn', async () => {
      const action = actionOf(grouped);
      const [first, second] = [activity({ contactId: 1 }), activity({ contactId: 1, occurredAt: noon + 60_000 })];
      await bed.plan([action], [first, second]);
      await bed.query('update vidhuk.follow_up set blocked = true where activity_key = $1', [first.key]);
      await bed.query(`update vidhuk.follow_up set next_attempt_at = now() - interval '1 h'`);
      const due = await inTransaction(bed.dataSource, (client) => selectDueCalls(client, action, 10));
      expect(due.calls).to.deep.equal([]);
    });

    it('gives the endpoint the time that it asks for, even for one activity', async () => {
      const { handler } = recorder((activities, ctx) => {
        for (const each of activities) if (each.contactId === 3) ctx.fail(each, new UnavailableError('429', 60_000));
      });
      const action = actionOf({ ...grouped, retry: { attempts: 4, maxDelay: '1h' } }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(10));
      await bed.reachStates({ done: 9, waiting: 1 });
      const [breaker] = await bed.query(`select blocked_until > now() + interval '50 s' as paused from vidhuk.action_state`);
      expect(breaker).to.deep.equal({ paused: true });
    });

    it('does not pause for a few activities that found the endpoint unavailable', async () => {
      const { handler } = recorder((activities, ctx) => {
        for (const each of activities) if (each.contactId! % 10 === 3) ctx.fail(each, new UnavailableError('503'));
      });
      const action = actionOf({ ...grouped, retry: { attempts: 4, maxDelay: '1h' } }, handler);
      const { plan } = await bed.worker([action]);
      for (let nth = 1; nth <= 6; nth++) {
        await plan([action], people(10 * nth).slice(-10));
        await bed.reachStates({ done: 9 * nth, waiting: nth });
      }
      expect(await bed.query('select failures, opened from vidhuk.action_state')).to.deep.equal([{ failures: 0, opened: 0 }]);
    });

    it('disables the action when one activity finds the endpoint gone', async () => {
      const { handler, calls } = recorder((activities, ctx) => {
        for (const each of activities) if (each.contactId === 3) ctx.fail(each, new GoneError('410'));
      });
      const action = actionOf(grouped, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(10));
      await bed.reachStates({ done: 9, waiting: 1 });
      expect(await bed.query('select disabled_reason from vidhuk.action_state')).to.deep.equal([{ disabled_reason: '410' }]);
      expect(calls).to.have.lengthOf(1);
    });

    it('never changes what goes out under one key when some of its activities have no attempt left', async () => {
      const { handler, calls } = recorder((activities, ctx) => {
        // The first call fails for the even ones only; those have fewer attempts left when they meet the others.
        if (calls.length === 1) for (const each of activities) if (each.contactId! % 2 === 0) ctx.fail(each, new Error('alone'));
        if (calls.length > 1 && calls.length < 9) throw new Error('all');
      });
      const action = actionOf({ group: { max: 6, withinMs: 50 }, retry: { attempts: 3, maxDelay: 300 } }, handler);
      const { plan } = await bed.worker([action], { pollMs: 400 });
      await plan([action], people(6));
      await bed.reachStates({ done: 3, waiting: 3 });
      await plan([action], people(9).slice(6));
      await bed.query(`update vidhuk.follow_up set next_attempt_at = now() where state = 'waiting'`);
      await bed.settled();
      const byKey = new Map<string, string[]>();
      for (const { key, activities } of calls) {
        expect(activities).to.deep.equal(byKey.get(key) ?? activities);
        byKey.set(key, activities);
      }
    });

    it('sends all of one contact in one call, and what does not fit after it', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({ ...grouped, group: { max: 4, withinMs: 20 } }, handler);
      const many = Array.from({ length: 10 }, (_, index) => activity({ contactId: 1, occurredAt: noon + index * 1_000 }));
      const { plan } = await bed.worker([action]);
      await plan([action], many);
      await bed.reach('done', 10);
      expect(calls.map(({ activities }) => activities.length)).to.deep.equal([4, 4, 2]);
      for (const [index, { began }] of calls.slice(1).entries()) expect(began).to.be.greaterThan(calls[index]!.ended!);
    });
  });
}
