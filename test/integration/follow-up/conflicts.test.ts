import { expect } from 'chai';
import { erasedFollowUps } from '../../../packages/worker/src/contact/erase/erased-follow-ups.js';
import { changeFollowUps } from '../../../packages/worker/src/follow-up/sql/change-follow-ups.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';

const action = actionOf({});

describe('Changing the ledger while workers are at it', () => {
  let bed: Bed;
  beforeEach(async () => {
    bed = await Bed.open('postgres');
    await bed.plan([action], [activity({ contactId: 1 }), activity({ contactId: 2 })]);
  });
  afterEach(() => bed.close());

  it('begins again when a worker that records a result of the same contact was in its way', async () => {
    // PostgreSQL ends one of two that wait for each other: the first change here.
    await bed.query('create sequence vidhuk.changes');
    await bed.query(`create function vidhuk.deadlock_once() returns trigger language plpgsql as $$ begin
      if nextval('vidhuk.changes') = 1 then raise exception 'deadlock detected' using errcode = 'deadlock_detected'; end if; return new; end $$`);
    await bed.query(
      'create trigger once before update on vidhuk.follow_up for each statement execute function vidhuk.deadlock_once()',
    );
    expect(await changeFollowUps(bed.dataSource, { action: action.name }, 'cancel')).to.include({ changed: 2 });
    expect(await bed.counts()).to.deep.equal({ cancelled: 2 });
  });

  it('leaves nothing that waits of whom is erased, also where it was planned while the others were cancelled', async () => {
    const [row] = await bed.rows();
    await bed.query(`create function vidhuk.plan_one() returns trigger language plpgsql as $$ begin
      insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, next_attempt_at, blocked, activity)
      values (gen_random_uuid(), 'act', 'main', gen_random_uuid(), now(), 1, 'waiting', now(), true, '{"email": "ann@example.com"}');
      return new; end $$`);
    await bed.query(`create trigger meanwhile after update on vidhuk.follow_up for each row
      when (old.state = 'waiting' and new.state = 'cancelled' and old.activity <> '{}' and new.id = '${row!.id}') execute function vidhuk.plan_one()`);
    const person = { source: 'main', contactIds: [Number(row!.contact_id)], addresses: ['ann@example.com'], shared: [] };
    await bed.query(`update vidhuk.follow_up set contact_id = 1 where id = $1`, [row!.id]);
    const parts = { dataSource: bed.dataSource } as Parameters<typeof erasedFollowUps.erase>[0];
    await erasedFollowUps.erase(parts, { ...person, contactIds: [1] }, false);
    const left = await bed.query(
      `select distinct state, blocked, next_attempt_at, done_at is null as open, last_error from vidhuk.follow_up where activity = '{}'`,
    );
    expect(left).to.deep.equal([
      { state: 'cancelled', blocked: false, next_attempt_at: null, open: false, last_error: 'erased' },
    ]);
    expect(await bed.query(`select 1 from vidhuk.follow_up where blocked or contact_id = 1`)).to.deep.equal([]);
  });
});
