import { expect } from 'chai';
import { PermanentError } from '../../../packages/shared/src/index.js';
import { changeFollowUps, type FollowUpChange } from '../../../packages/worker/src/follow-up/sql/change-follow-ups.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity, noon } from '../../support/follow-up/activities.js';
import { Bed, type LedgerRow } from '../../support/follow-up/bed.js';
import { recorder, type Call } from '../../support/follow-up/calls.js';
import { until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => activity({ contactId: index + 1, occurredAt: noon + index * 1_000 }));
const group = { max: 3, withinMs: 50 };
/** No failed call goes out again in the time of a test, unless something makes it due. */
const patient = { group, retry: { attempts: 5, maxDelay: '1h' } };
const due = `update vidhuk.follow_up set next_attempt_at = now() where state = 'waiting'`;

function expectOneContentPerKey(calls: readonly Call[]): void {
  const byKey = new Map<string, string[]>();
  for (const { key, activities } of calls) {
    expect(activities).to.deep.equal(byKey.get(key) ?? activities);
    byKey.set(key, activities);
  }
}

for (const kind of storeKinds) {
  describe(`rows of one call, changed by hand (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    async function change(what: FollowUpChange, contactId?: number): Promise<number> {
      const filter = { action: 'act', ...(contactId === undefined ? {} : { contactId }) };
      return (await changeFollowUps(bed.dataSource, filter, what)).changed;
    }
    const contactsOf = (calls: readonly Call[]) => calls.map(({ contacts }) => contacts);

    it('cancelling one that waits for its next attempt leaves the others to go out under another key', async () => {
      const { handler, calls } = recorder((given) => {
        if (given.length === 3) throw new Error('503');
      });
      const action = actionOf(patient, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      await until('the call has failed', async () => (await bed.rows()).every(({ attempts }) => attempts === 1));
      expect(await change('cancel', 2)).to.equal(1);
      await bed.query(due);
      await bed.reachStates({ done: 2, cancelled: 1 });
      expect(contactsOf(calls)).to.deep.equal([
        [1, 2, 3],
        [1, 3],
      ]);
      expectOneContentPerKey(calls);
    });

    it('cancelling one while its call is under way repeats the others under another key when that fails, and not at all when it succeeds', async () => {
      let letGo: () => void = () => undefined;
      let isWell = true;
      const { handler, calls } = recorder(async (given) => {
        if (given.length < 3) return;
        await new Promise<void>((resolve) => (letGo = resolve));
        if (!isWell) throw new Error('503');
      });
      const action = actionOf(patient, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      await until('the call is under way', () => calls.length === 1);
      await change('cancel', 2);
      letGo();
      await bed.reachStates({ done: 2, cancelled: 1 });

      isWell = false;
      await plan([action], people(3));
      await until('the call is under way', () => calls.length === 2);
      await change('cancel', 2);
      letGo();
      await bed.reachStates({ done: 2, waiting: 2, cancelled: 2 });
      await bed.query(due);
      await bed.reachStates({ done: 4, cancelled: 2 });
      expect(contactsOf(calls)).to.deep.equal([
        [1, 2, 3],
        [1, 2, 3],
        [1, 3],
      ]);
      expectOneContentPerKey(calls);
    });

    it('cancelling one before its call begins sends the others at once, under another key', async () => {
      let letGo: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (letGo = resolve));
      const { handler, calls } = recorder(() => gate);
      const action = actionOf({ ...patient, concurrency: 1 }, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(6));
      await until('one call is under way, the other in the queue', () => calls.length === 1);
      await bed.reach('queued', 6);
      const [, , , , { call_id: oldKey }] = (await bed.rows()) as [unknown, unknown, unknown, unknown, LedgerRow];
      await change('cancel', 5);
      letGo();
      await bed.reachStates({ done: 5, cancelled: 1 });
      expect(contactsOf(calls)).to.deep.equal([
        [1, 2, 3],
        [4, 6],
      ]);
      expect(calls[1]!.key).to.not.equal(oldKey);
    });

    it('cancelling one while a transaction calls for it takes the call back and makes it for the others', async () => {
      const letGo: (() => void)[] = [];
      const { handler, calls } = recorder(() => new Promise<void>((resolve) => letGo.push(resolve)), { transaction: true });
      const action = actionOf(patient, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      await until('the call is under way', () => letGo.length === 1);
      await change('cancel', 2);
      letGo[0]!();
      await until('the call for the others is under way', () => letGo.length === 2);
      letGo[1]!();
      await bed.reachStates({ done: 2, cancelled: 1 });
      expect(contactsOf(calls)).to.deep.equal([
        [1, 2, 3],
        [1, 3],
      ]);
      expectOneContentPerKey(calls);
    });

    it('retrying one that was cancelled sends it alone, under a key of its own', async () => {
      const { handler, calls } = recorder((given, { attempt }) => {
        if (given.length === 3 && attempt === 1) throw new Error('503');
      });
      const action = actionOf(patient, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      await until('the call has failed', async () => (await bed.rows()).every(({ attempts }) => attempts === 1));
      await change('cancel');
      await change('retry', 2);
      await bed.reachStates({ done: 1, cancelled: 2 });
      await change('retry');
      await bed.reach('done', 3);
      expect(contactsOf(calls)).to.deep.equal([[1, 2, 3], [2], [1, 3]]);
      expectOneContentPerKey(calls);
    });

    it('retrying one that waits repeats its whole call under the same key', async () => {
      const { handler, calls } = recorder((_given, { attempt }) => {
        if (attempt === 1) throw new Error('503');
      });
      const action = actionOf(patient, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      await until('the call has failed', async () => (await bed.rows()).every(({ attempts }) => attempts === 1));
      await change('retry', 2);
      await bed.reach('done', 3);
      expect(calls).to.have.lengthOf(2);
      expect(calls[1]).to.deep.include({ key: calls[0]!.key, activities: calls[0]!.activities });
    });

    it('are not claimed in part while a change is at work', async () => {
      const { handler, calls } = recorder(() => {
        if (calls.length === 1) throw new Error('503');
      });
      const action = actionOf(patient, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      await until('the call has failed', async () => (await bed.rows()).every(({ attempts }) => attempts === 1));
      const [, second] = await bed.rows();
      let changing: Promise<number> | undefined;
      await inTransaction(bed.dataSource, async (client) => {
        await client.query('select from vidhuk.follow_up where id = $1 for update', [second!.id]);
        changing = change('cancel', 2);
        const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        await until('the change waits', async () => (await bed.query(waits)).length > 0);
        await bed.query(`${due} and contact_id <> 2`);
        await until('some looks at the ledger', async () => (await bed.query('select pg_sleep(0.3)')).length > 0);
      });
      await changing;
      await bed.reachStates({ done: 2, cancelled: 1 });
      expectOneContentPerKey(calls);
    });

    it('go out each under its own key once their action takes no groups any more', async () => {
      const { handler, calls } = recorder((given) => {
        if (given.length > 1) throw new Error('503');
      });
      const action = actionOf(patient, handler);
      const { plan, followUps } = await bed.worker([action]);
      await plan([action], people(3));
      await until('the call has failed', async () => (await bed.rows()).every(({ attempts }) => attempts === 1));
      await followUps.run([actionOf({ retry: patient.retry }, handler)]);
      await bed.query(due);
      const rows = await bed.reach('done', 3);
      expect(calls.slice(1).map(({ key }) => key)).to.have.members(rows.map(({ id }) => id));
      expectOneContentPerKey(calls);
    });

    it('fail for good one by one as they were given up, and are retried together under a new key', async () => {
      const { handler, calls } = recorder(() => {
        if (calls.length === 1) throw new PermanentError('400');
      });
      const action = actionOf(patient, handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(3));
      await bed.reach('failed', 3);
      await change('retry');
      await bed.reach('done', 3);
      expect(calls.map(({ activities }) => activities.length)).to.deep.equal([3, 3]);
      expect(calls[1]!.key).to.not.equal(calls[0]!.key);
    });
  });
}
