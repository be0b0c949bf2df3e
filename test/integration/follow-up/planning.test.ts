import { expect } from 'chai';
import fc from 'fast-check';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import type { Action } from '../../../packages/worker/src/follow-up/action.js';
import { countChangeable } from '../../../packages/worker/src/follow-up/sql/change-follow-ups.js';
import { Planner } from '../../../packages/worker/src/follow-up/planner.js';
import type { BatchOrigin } from '../../../packages/shared/src/index.js';
import type { PlannedWork } from '../../../packages/worker/src/projection/follow-up-planner.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity, noon } from '../../support/follow-up/activities.js';
import { batchOf, Bed } from '../../support/follow-up/bed.js';
import { failingAt, statementsOf } from '../../support/follow-up/failing-client.js';
import { rejection } from '../../support/poll.js';
import { createProjector } from '../../support/projection.js';

/** Planning touches no queue: one store is enough. */
describe('planning', () => {
  let bed: Bed;
  beforeEach(async () => (bed = await Bed.open('redis')));
  afterEach(() => bed.close());

  it('gives every activity that matches exactly one row for each action, in whatever pieces, order and repetition it comes, to several workers at once', async () => {
    const actions = [
      actionOf({ name: 'clicks', when: { status: 'CLICKED' } }),
      actionOf({ name: 'emails', when: { mediaType: 'email' } }),
      actionOf({ name: 'all' }),
      actionOf({ name: 'turns', when: { becomes: 'blacklisted' } }),
    ];
    const one = fc.record({
      status: fc.constantFrom('CLICKED', 'READ', 'UNDELIVERED'),
      mediaType: fc.constantFrom('email', 'sms'),
      contactId: fc.option(fc.integer({ min: 1, max: 5 })),
      hardBounce: fc.boolean(),
      minute: fc.integer({ min: 0, max: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(one, { minLength: 1, maxLength: 30 }),
        fc.array(fc.array(fc.nat(), { maxLength: 12 }), { minLength: 2, maxLength: 8 }),
        async (given, pieces) => {
          await bed.query('truncate vidhuk.follow_up, vidhuk.activity, vidhuk.contact_status, vidhuk.contact_channel_status');
          const activities = given.map(({ minute, ...changes }) => activity({ ...changes, occurredAt: noon + minute * 60_000 }));
          const batches = [activities, ...pieces.map((piece) => piece.map((index) => activities[index % activities.length]!))];
          await Promise.all(batches.reverse().map((batch) => bed.plan(actions, unique(batch))));
          const expected = activities.flatMap((each) => [
            ...(each.status === 'CLICKED' ? [`clicks ${each.key}`] : []),
            ...(each.mediaType === 'email' ? [`emails ${each.key}`] : []),
            `all ${each.key}`,
          ]);
          const rows = await bed.rows();
          const planned = rows.filter(({ action }) => action !== 'turns').map((row) => `${row.action} ${row.activity_key}`);
          expect(planned.sort()).to.deep.equal(expected.sort());
          const bounced = new Set(
            activities.filter((each) => each.status === 'UNDELIVERED' && each.hardBounce).map((each) => each.contactId),
          );
          bounced.delete(null);
          const turned = rows.filter(({ action }) => action === 'turns').map((row) => Number(row.contact_id));
          expect(turned.sort()).to.deep.equal([...bounced].sort());
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  }).timeout(60_000);

  it('is part of the batch’s transaction: a failure at any statement leaves nothing, and the repetition everything once', async () => {
    const actions = [actionOf({ name: 'all' }), actionOf({ name: 'turns', when: { becomes: 'blacklisted' } })];
    const activities = [1, 2, 3].map((contactId) => activity({ contactId, status: 'UNDELIVERED', hardBounce: true }));
    const apply = (dataSource: Bed['dataSource'], batch: Activity[]) =>
      applyBatches(dataSource, [batchOf(batch)], undefined, new Planner(actions, () => undefined));

    const all = await statementsOf(bed.dataSource, (watched) =>
      apply(
        watched,
        activities.map((each) => ({ ...each, key: crypto.randomUUID(), contactId: each.contactId! + 10 })),
      ),
    );
    expect(all.at(0)).to.equal('begin');
    expect(all.at(-1)).to.equal('commit');
    expect(all).to.include('insert into vidhuk.follow_up');
    await bed.query('truncate vidhuk.follow_up, vidhuk.activity, vidhuk.contact_status, vidhuk.contact_channel_status');
    for (const when of ['before', 'after'] as const) {
      for (const [index, statement] of all.entries()) {
        if (when === 'after' && statement === 'commit') continue;
        const error = await rejection(apply(failingAt(bed.dataSource, index, when), activities));
        expect(error.message, `${when} ${statement}`).to.equal('the connection is lost');
        expect(await bed.rows(), `${when} ${statement}`).to.deep.equal([]);
      }
    }
    // The commit succeeds and its answer is lost: the repetition finds everything done.
    await rejection(apply(failingAt(bed.dataSource, all.length - 1, 'after'), activities));
    await apply(bed.dataSource, activities);
    await apply(bed.dataSource, activities);
    const rows = await bed.rows();
    expect(rows.map(({ action, contact_id }) => `${action} ${contact_id}`).sort()).to.deep.equal([
      'all 1',
      'all 2',
      'all 3',
      'turns 1',
      'turns 2',
      'turns 3',
    ]);
  });

  it('keeps the activity, the contact after the batch and the action’s name in the row', async () => {
    await bed.plan([actionOf({})], [activity({ status: 'CLICKED', clickEventLink: 'https://example.com/a' })]);
    const [row] = await bed.rows();
    expect(row).to.include({ action: 'act', state: 'waiting', attempts: 0, previous: null, last_error: null });
    expect(row!.activity).to.include({
      status: 'CLICKED',
      clickEventLink: 'https://example.com/a',
      occurredAt: '2026-03-10T12:00:00.000Z',
    });
    expect(row!.activity).to.not.have.property('position');
    expect(row!.contact).to.have.property('email', 'ann@example.com');
  });

  it('finds the row of an activity that the log has forgotten: it is planned once, whatever becomes of the log', async () => {
    const again = activity({ occurredAt: noon });
    await bed.plan([actionOf({})], [again]);
    const [first] = await bed.rows();
    await bed.query('truncate vidhuk.activity');
    await bed.plan([actionOf({})], [again]);
    expect(await bed.rows()).to.deep.equal([first]);
  });

  it('plans nothing for what the log has: an action that is new calls nobody for what came before it', async () => {
    const known = activity({ contactId: 1 });
    await bed.plan([], [known]);
    await bed.plan([actionOf({})], [known, activity({ contactId: 2 })]);
    await bed.plan([actionOf({})], [known]);
    expect((await bed.rows()).map((row) => row.contact_id)).to.deep.equal(['2']);
  });

  it('plans for anonymous activities too, without a contact', async () => {
    await bed.plan([actionOf({})], [activity({ contactId: null })]);
    const [row] = await bed.rows();
    expect(row).to.include({ contact_id: null, contact: null });
  });

  it('hands what it planned to the runners only after the commit, and only where there is something', async () => {
    const announced: string[][] = [];
    const planner = new Planner([actionOf({ when: { status: 'READ' } })], ({ planned }) => announced.push([...planned.keys()]));
    await applyBatches(bed.dataSource, [batchOf([activity()])], undefined, planner);
    await rejection(
      applyBatches(bed.dataSource, [batchOf([activity({ status: 'READ' })])], () => Promise.reject(new Error('no')), planner),
    );
    expect(announced.flat()).to.deep.equal([]);
    await applyBatches(bed.dataSource, [batchOf([activity({ status: 'READ' })])], undefined, planner);
    expect(announced.flat()).to.deep.equal(['act']);
  });

  it('records what the database refuses to plan as failed, with the reason; the activity is logged, and its neighbours go on', async () => {
    await bed.query(`create function public.refuse() returns trigger language plpgsql as $$ begin
      if new.state <> 'failed' and new.contact_id = 2 then raise exception 'not this one' using errcode = '22023'; end if;
      return new;
    end $$`);
    await bed.query('create trigger refuse before insert on vidhuk.follow_up for each row execute function public.refuse()');
    const { projector } = createProjector(bed.dataSource);
    projector.planner = new Planner([actionOf({}), actionOf({ name: 'other', when: { status: 'NO_SUCH' } })], () => undefined);
    const [outcome, neighbour] = await projector.project([
      batchOf([1, 2, 3].map((contactId) => activity({ contactId }))),
      batchOf([activity({ contactId: 4 })]),
    ]);
    expect(outcome).to.include({ new: 3, rejected: 0 });
    expect(neighbour).to.include({ new: 1 });
    const rows = await bed.query<{ contact: string; state: string; error: string | null }>(
      'select contact_id as contact, state, last_error as error from vidhuk.follow_up order by contact_id',
    );
    expect(rows.map(({ contact, state }) => [contact, state])).to.deep.equal([
      ['1', 'waiting'],
      ['2', 'failed'],
      ['3', 'waiting'],
      ['4', 'waiting'],
    ]);
    expect(rows[1]?.error).to.equal('could not be planned: not this one');
    expect(await countChangeable(bed.dataSource, { states: ['failed'] }, 'retry'), 'too little is kept for a call').to.equal(0);
  });

  describe('what happened long before it was received', () => {
    const day = 86_400_000;
    const receivedAt = new Date('2026-06-01T00:00:00Z');
    const aged = (days: number) => activity({ occurredAt: receivedAt.getTime() - days * day });
    /** How many follow-ups each action got, and did not get. */
    const planBy = async (origin: BatchOrigin, actions: Action[], ages: number[]) => {
      const heard: PlannedWork[] = [];
      const planner = new Planner(actions, (work) => heard.push(work));
      await applyBatches(bed.dataSource, [{ ...batchOf(ages.map(aged)), origin, receivedAt }], undefined, planner);
      return heard.map(({ planned, tooOld }) => ({ planned: Object.fromEntries(planned), tooOld: Object.fromEntries(tooOld) }));
    };

    it('calls by webhook however old it is, and by another road when it is no older than a week', async () => {
      expect(await planBy('webhook', [actionOf({})], [1, 8, 400])).to.deep.equal([{ planned: { act: 3 }, tooOld: {} }]);
      for (const origin of ['quarantine', 'pull', 'export', 'file'] as const)
        expect(await planBy(origin, [actionOf({})], [1, 8, 400]), origin).to.deep.equal([
          { planned: { act: 1 }, tooOld: { act: 2 } },
        ]);
    });

    it('calls as the action says, by whichever road it comes, and what does not match is not counted', async () => {
      const young = actionOf({ name: 'young', when: { maxAge: '2d' } });
      const old = actionOf({ name: 'old', when: { maxAge: '500d' } });
      const other = actionOf({ name: 'other', when: { status: 'NO_SUCH' } });
      for (const origin of ['webhook', 'file'] as const)
        expect(await planBy(origin, [young, old, other], [1, 8, 400]), origin).to.deep.equal([
          { planned: { young: 1, old: 3 }, tooOld: { young: 2 } },
        ]);
    });
  });

  describe('maxPerContact', () => {
    const guarded = (count: number, perMs = 60_000) => actionOf({ maxPerContact: { count, perMs } });
    const many = (count: number, contactId: number | null = 1) =>
      Array.from({ length: count }, (_, index) => activity({ contactId, occurredAt: noon + index * 1_000 }));

    it('holds back what is too much for one contact, and says so in the ledger', async () => {
      await bed.plan([guarded(3)], [...many(5, 1), ...many(2, 2)]);
      const rows = await bed.rows();
      const of = (contact: string) => rows.filter((row) => row.contact_id === contact).map(({ state }) => state);
      expect(of('1')).to.deep.equal(['waiting', 'waiting', 'waiting', 'held', 'held']);
      expect(of('2')).to.deep.equal(['waiting', 'waiting']);
      expect(rows.find(({ state }) => state === 'held')?.last_error).to.equal(
        'held back: more than 3 follow-ups for this contact within 60000 ms',
      );
    });

    it('lets through no more than that however many workers plan at once', async () => {
      await Promise.all(many(24).map((each) => bed.plan([guarded(5)], [each])));
      expect(await bed.counts()).to.deep.equal({ waiting: 5, held: 19 });
    });

    it('counts each action for itself, and only what lies within its time', async () => {
      await bed.plan([guarded(2), actionOf({ name: 'other' })], many(2));
      await bed.query(`update vidhuk.follow_up set created_at = created_at - interval '2 minutes'`);
      await bed.plan([guarded(2)], many(2));
      expect(await bed.counts('act')).to.deep.equal({ waiting: 4 });
      await bed.plan([guarded(2)], many(1));
      expect(await bed.counts('act')).to.deep.equal({ waiting: 4, held: 1 });
      expect(await bed.counts('other')).to.deep.equal({ waiting: 2 });
    });

    it('counts the contacts of each source for themselves, whether they come together or one after the other', async () => {
      const ofBoth = () => ['main', 'other'].map((source) => activity({ source, contactId: 1 }));
      await bed.plan([guarded(1)], ofBoth());
      await bed.plan([guarded(2)], ofBoth());
      expect(await bed.counts()).to.deep.equal({ waiting: 4 });
    });

    it('does not count what it held back', async () => {
      await bed.plan([guarded(1)], many(10));
      await bed.query(`update vidhuk.follow_up set created_at = created_at - interval '2 minutes' where state <> 'held'`);
      await bed.plan([guarded(1)], many(1));
      expect(await bed.counts()).to.deep.equal({ waiting: 2, held: 9 });
    });

    it('leaves anonymous activities alone', async () => {
      await bed.plan([guarded(1)], many(5, null));
      await bed.reach('waiting', 5);
    });
  });
});

const unique = (activities: readonly Activity[]): Activity[] => [...new Map(activities.map((each) => [each.key, each])).values()];
