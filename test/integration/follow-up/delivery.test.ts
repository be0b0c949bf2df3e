import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { GoneError, PermanentError, RetryLater, UnavailableError } from '../../../packages/shared/src/index.js';
import { changeFollowUps } from '../../../packages/worker/src/follow-up/sql/change-follow-ups.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { captureLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

const people = (count: number) => Array.from({ length: count }, (_, index) => activity({ contactId: index + 1 }));
const quick = { retry: { attempts: 4, maxDelay: 20 } };

for (const kind of storeKinds) {
  describe(`delivery (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    it('calls once for each row and marks it done', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({}, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(120));
      const rows = await bed.reach('done', 120);
      expect(calls.map(({ key }) => key).sort()).to.deep.equal(rows.map(({ id }) => id).sort());
      expect(new Set(rows.map(({ attempts }) => attempts))).to.deep.equal(new Set([1]));
    });

    it('finds rows that another process planned', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({}, handler);
      await bed.plan([action], people(2));
      await bed.worker([action]);
      await bed.plan([action], people(3));
      await bed.reach('done', 5);
      expect(calls).to.have.lengthOf(5);
    });

    it('hands over the activity, the contact as it is after the batch, and says which action', async () => {
      const seen: unknown[] = [];
      const { handler } = recorder((activities, ctx) => void seen.push({ activities, ...ctx }));
      const action = actionOf({}, handler);
      const { plan } = await bed.worker([action]);
      const { position: _position, occurredAt, ...given } = activity({ status: 'READ', messageTags: ['a'] });
      await plan([action], [{ ...given, occurredAt, position: 0 }]);
      const [row] = await bed.reach('done', 1);
      expect(seen).to.have.lengthOf(1);
      expect(seen[0]).to.deep.include({ action: 'act', idempotencyKey: row?.id, attempt: 1, previous: null, grouped: false });
      expect(seen[0]).to.have.nested.property('contact.last_opened_at');
      const [handed] = (seen[0] as { activities: Record<string, unknown>[] }).activities;
      expect(handed).to.deep.include({ ...given, followUpId: row?.id, occurredAt: new Date(occurredAt).toISOString() });
    });

    it('repeats a failed call with the same key and the same activity until it succeeds', async () => {
      const { handler, calls } = recorder((_activities, { attempt }) => {
        if (attempt < 3) throw new Error(`failure ${attempt}`);
      });
      const action = actionOf(quick, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(1));
      const [row] = await bed.reach('done', 1);
      expect(row).to.include({ attempts: 3, last_error: null });
      expect(calls.map(({ attempt }) => attempt)).to.deep.equal([1, 2, 3]);
      expect(new Set(calls.map(({ key }) => key))).to.deep.equal(new Set([row?.id]));
      expect(new Set(calls.flatMap(({ activities }) => activities)).size).to.equal(1);
    });

    it('gives up after the attempts that the action allows, and says why', async () => {
      const { handler, calls } = recorder(() => Promise.reject(new Error('it is broken')));
      const action = actionOf(quick, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(1));
      const [row] = await bed.reach('failed', 1);
      expect(row).to.include({ attempts: 4, last_error: 'given up after 4 attempts: it is broken' });
      expect(calls).to.have.lengthOf(4);
    });

    it('never repeats what cannot get better', async () => {
      const { handler, calls } = recorder(() => Promise.reject(new PermanentError('400: no such list')));
      const action = actionOf(quick, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(1));
      const [row] = await bed.reach('failed', 1);
      expect(row).to.include({ attempts: 1, last_error: '400: no such list' });
      expect(calls).to.have.lengthOf(1);
    });

    it('repeats when the handler says, not before', async () => {
      const { handler, calls } = recorder((_activities, { attempt }) => {
        if (attempt === 1) throw new RetryLater(400.5);
      });
      const action = actionOf(quick, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(1));
      await bed.reach('done', 1);
      expect(calls[1]!.began - calls[0]!.ended!).to.be.at.least(390);
    });

    it('waits as long as the endpoint asks for, up to maxDelay', async () => {
      const { handler, calls } = recorder((_activities, { attempt }) => {
        if (attempt <= 3) throw new UnavailableError('503', [0, 150, 300, 3_600_000][attempt]);
      });
      const action = actionOf({ retry: { attempts: 9, maxDelay: 600 } }, handler);
      const { plan } = await bed.worker([action], { pollMs: 20 });
      await plan([action], people(1));
      await bed.reach('done', 1);
      const pauses = calls.slice(1).map(({ began }, index) => began - calls[index]!.ended!);
      for (const [index, least] of [150, 300, 600].entries()) expect(pauses[index]).to.be.at.least(least - 10);
    });

    it('aborts a call at its time and repeats it', async () => {
      let reason: unknown;
      const { handler, calls } = recorder(async (_activities, { attempt, signal }) => {
        if (attempt > 1) return;
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject((reason = signal.reason) as Error));
        });
      });
      const action = actionOf({ ...quick, timeoutMs: 100 }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(1));
      await bed.reach('done', 1);
      expect(reason).to.be.instanceOf(DOMException).with.property('name', 'TimeoutError');
      expect(calls[0]!.ended! - calls[0]!.began).to.be.at.least(90);
      expect(calls).to.have.lengthOf(2);
    });

    it('leaves a handler behind that does not listen to its signal', async () => {
      const stuck = new AbortController();
      const { handler, calls } = recorder(async (_activities, { attempt }) => {
        if (attempt === 1) await sleep(60_000, undefined, { signal: stuck.signal }).catch(() => undefined);
      });
      const action = actionOf({ ...quick, timeoutMs: 100 }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(1));
      const [row] = await bed.reach('done', 1);
      expect(row?.attempts).to.equal(2);
      expect(calls[0]!.ended).to.equal(null);
      stuck.abort();
    });

    it('records a failure whatever its message is made of', async () => {
      const { handler, calls } = recorder(() => Promise.reject(new Error('NUL \u0000 and half a \ud83d')));
      const action = actionOf({ retry: { attempts: 1 } }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(1));
      const [row] = await bed.reach('failed', 1);
      expect(row?.last_error).to.equal('given up after 1 attempts: NUL \ufffd and half a \ufffd');
      expect(calls).to.have.lengthOf(1);
    });

    it('does not call a row that was cancelled, waiting or in the queue', async () => {
      let let1Go: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (let1Go = resolve));
      const { handler, calls } = recorder(() => gate);
      const action = actionOf({ concurrency: 1 }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], [...people(3), activity({ contactId: 1, occurredAt: Date.UTC(2026, 2, 11) })]);
      await until('one call is under way, two rows are in the queue', async () => {
        const states = await bed.states();
        return calls.length === 1 && states.filter((state) => state === 'queued').length === 3;
      });
      const cancelled = await changeFollowUps(bed.dataSource, { states: ['waiting', 'queued'] }, 'cancel');
      expect(cancelled).to.deep.equal({ changed: 4, underWay: 3 });
      let1Go();
      await sleep(300);
      expect(calls).to.have.lengthOf(1);
      expect(new Set(await bed.states())).to.deep.equal(new Set(['cancelled']));
    });

    it('goes on while nothing can be recorded, and does not call again for that', async () => {
      const { handler, calls } = recorder(async (_activities, _ctx, call) => {
        if (call.contacts[0] === 1) await bed.cutConnections();
      });
      const action = actionOf({ concurrency: 1 }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      const rows = await bed.reach('done', 3);
      expect(calls.map(({ key }) => key).sort()).to.deep.equal(rows.map(({ id }) => id).sort());
    });

    it('does not call again for a result that could not be recorded, however often that was tried', async () => {
      const refuse = `alter table vidhuk.follow_up add constraint nothing_is_done check (state <> 'done') not valid`;
      const { handler, calls } = recorder(async () => {
        await bed.query(refuse);
      });
      const { log, lines } = captureLog();
      const action = actionOf({}, handler);
      const { plan } = await bed.worker([action], { log });
      await plan([action], people(1));
      const tries = () => lines().filter(({ msg }) => msg === 'a job could not be done and waits').length;
      await until('it was tried twice', () => tries() >= 2);
      await bed.query('alter table vidhuk.follow_up drop constraint nothing_is_done');
      await bed.reach('done', 1);
      expect(calls).to.have.lengthOf(1);
    });

    it('disables the action of an endpoint that is gone, keeps its rows, and goes on once it is enabled', async () => {
      let gone = true;
      const { handler, calls } = recorder((activities) => {
        if (!gone) return;
        if (activities[0]?.contactId === 1) throw new GoneError('410: no more \u0000');
      });
      const action = actionOf({ concurrency: 1 }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(20));
      await until(
        'it is disabled',
        async () => (await bed.query('select 1 from vidhuk.action_state where disabled_at is not null')).length === 1,
      );
      await until('nothing is in the queue', async () => !(await bed.states()).includes('queued'));
      const [state] = await bed.query<{ disabled_reason: string }>('select * from vidhuk.action_state');
      expect(state?.disabled_reason).to.equal('410: no more \ufffd');
      const callsBefore = calls.length;
      await plan([action], people(5));
      await sleep(300);
      expect(calls).to.have.lengthOf(callsBefore);
      expect((await bed.rows()).filter(({ state }) => state === 'waiting').length).to.be.at.least(6);
      gone = false;
      await bed.query('update vidhuk.action_state set disabled_at = null, disabled_reason = null');
      await bed.reach('done', 25);
    });
  });
}
