import { expect } from 'chai';
import { selectDueCalls } from '../../../packages/worker/src/follow-up/due-calls.js';
import { examineDue, fromTheStart } from '../../../packages/worker/src/follow-up/sql/claim-follow-ups.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity, noon } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';

/** A million takes half a minute: VIDHUK_TEST_BLOCKED=1000000, see docs/performance.md. */
const blocked = Number(process.env.VIDHUK_TEST_BLOCKED ?? 100_000);

describe('claiming waiting rows', () => {
  it('lets none wait for an earlier one of another source, whose contact has the same id', async () => {
    const bed = await Bed.open('postgres');
    try {
      const of = (source: string, seconds: number) => activity({ source, contactId: 1, occurredAt: noon + seconds * 1_000 });
      await bed.plan([actionOf({})], [of('main', 0), of('other', 1), of('main', 2)]);
      const claimed = await inTransaction(bed.dataSource, (client) =>
        examineDue(client, 'act', { kind: 'new', grouped: false, limit: 10, behind: fromTheStart }),
      );
      expect(claimed.map(({ contact, waits }) => `${contact} ${String(waits)}`)).to.deep.equal([
        'main 1 false',
        'other 1 false',
        'main 1 true',
      ]);
    } finally {
      await bed.close();
    }
  });

  it('does not compare each of them with each that is queued, although statistics know of none', async () => {
    const bed = await Bed.open('postgres');
    try {
      await bed.plan([actionOf({})], [activity()]);
      await bed.query(
        `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, next_attempt_at, activity)
         select gen_random_uuid(), 'act', 'main', gen_random_uuid(), now() + nth * interval '1 s', 1 + nth, 'waiting', now(), f.activity
         from generate_series(1, 15000) nth, vidhuk.follow_up f`,
      );
      await bed.query('analyze vidhuk.follow_up');
      await bed.query(`update vidhuk.follow_up set state = 'queued', call_id = id where contact_id <= 8000`);
      const times: number[] = [];
      for (let time = 0; time < 3; time++) {
        const started = performance.now();
        const rows = await inTransaction(bed.dataSource, (client) =>
          examineDue(client, 'act', { kind: 'new', grouped: true, limit: 4_000, behind: fromTheStart }),
        );
        times.push(performance.now() - started);
        expect(rows).to.have.lengthOf(4_000);
      }
      // A few ms, whatever else the machine does now and then; each of them 1.4 s when all are compared with all.
      expect(Math.min(...times)).to.be.lessThan(700);
    } finally {
      await bed.close();
    }
  });

  it('costs the same however many rows wait for an earlier one of their contact, once each was met', async function () {
    this.timeout(300_000);
    const bed = await Bed.open('postgres');
    try {
      await bed.plan([actionOf({})], [activity()]);
      const block = (from: number, to: number) =>
        bed.query(
          `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, next_attempt_at, blocked, activity)
           select gen_random_uuid(), 'act', 'main', gen_random_uuid(), f.occurred_at + nth * interval '1 s', 1 + nth % 100, 'waiting', now(), true, f.activity
           from generate_series($1::integer, $2::integer) nth, (select * from vidhuk.follow_up where not blocked limit 1) f`,
          [from, to],
        );
      await bed.query(
        `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, call_id, next_attempt_at, activity)
         select gen_random_uuid(), 'act', 'main', gen_random_uuid(), f.occurred_at - interval '1 h', nth, 'waiting', gen_random_uuid(), now() + interval '1 h', f.activity
         from generate_series(1, 100) nth, vidhuk.follow_up f`,
      );
      const cost = async () => {
        const times: number[] = [];
        for (let time = 0; time < 7; time++) {
          const began = performance.now();
          const { calls } = await inTransaction(bed.dataSource, (client) => selectDueCalls(client, actionOf({}), 100));
          times.push(performance.now() - began);
          expect(calls).to.have.length(0);
        }
        return times.sort((a, b) => a - b)[3] ?? NaN;
      };
      await cost(); // meets the one that is not marked yet
      await block(1, 1_000);
      await bed.query('analyze vidhuk.follow_up');
      const few = await cost();
      await block(1_001, blocked);
      await bed.query('analyze vidhuk.follow_up');
      const many = await cost();
      expect(many, `${few} ms with 1,000`).to.be.lessThan(few * 3 + 5);
    } finally {
      await bed.close();
    }
  });
});
