import { expect } from 'chai';
import { Registry } from 'prom-client';
import { messageOf } from '../../../packages/shared/src/index.js';
import { CallSlots } from '../../../packages/worker/src/follow-up/call-slots.js';
import { Deliverer } from '../../../packages/worker/src/follow-up/deliverer.js';
import { FollowUpMetrics } from '../../../packages/worker/src/follow-up/follow-up-metrics.js';
import { postgresFunction } from '../../../packages/worker/src/handlers/postgres-function.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { failingAt, statementsOf } from '../../support/follow-up/failing-client.js';
import { silentLog } from '../../support/log-lines.js';

/** What is lost is lost in the database: one store is enough. */
describe('postgres-function', () => {
  let bed: Bed;
  before(async () => {
    bed = await Bed.open('redis');
    await bed.query(`
      create table effect (contact bigint);
      create function note(payload jsonb) returns void language sql as
        $$ insert into effect values ((payload #>> '{activity,contactId}')::bigint) $$;
    `);
  });
  after(() => bed.close());
  const action = actionOf({ run: 'postgres-function', with: { function: 'note' } }, postgresFunction);

  /** Plans a row for this contact and gives the job that carries it, as the queue holds it after a crash of any kind. */
  const queued = async (contactId: number) => {
    await bed.plan([action], [activity({ contactId })]);
    return requeued(contactId);
  };
  const requeued = async (contactId: number) => {
    await bed.query(
      `update vidhuk.follow_up set state = 'queued', call_id = id, job_id = id, claimed_at = now() where contact_id = $1 and state <> 'done'`,
      [contactId],
    );
    const [row] = await bed.query<{ id: string }>('select id from vidhuk.follow_up where contact_id = $1', [contactId]);
    return { id: row!.id, calls: [row!.id] };
  };
  /** By a worker of its own: what an earlier one knew is lost. */
  const deliver = (dataSource: Bed['dataSource'], job: { id: string; calls: string[] }) => {
    const { signal } = new AbortController();
    const http = { request: () => Promise.reject(new Error('this test expects no HTTP')) };
    const metrics = new FollowUpMetrics(new Registry(), bed.dataSource);
    const parts = { action, dataSource, http, metrics, log: silentLog(), connections: new CallSlots(1) };
    return new Deliverer({ ...parts, stopping: signal, signal, onFinished: () => undefined }).deliver(job);
  };
  const effects = async (contactId: number) => (await bed.query('select from effect where contact = $1', [contactId])).length;
  const isDone = async (contactId: number) =>
    (await bed.query(`select from vidhuk.follow_up where contact_id = $1 and state = 'done'`, [contactId])).length === 1;

  it('has its effect exactly once, whichever statement of a call the connection is lost at', async () => {
    const job = await queued(1);
    const statements = await statementsOf(bed.dataSource, (watched) => deliver(watched, job));
    expect([await effects(1), await isDone(1)]).to.deep.equal([1, true]);
    for (const statement of ['begin', 'select "note"($1::jsonb)', 'update vidhuk.follow_up f set', 'commit'])
      expect(statements).to.include(statement);

    let contactId = 1;
    const lost = new Set<string>();
    for (const when of ['before', 'after'] as const) {
      for (const [index, statement] of statements.entries()) {
        const each = await queued(++contactId);
        const at = `${when} ${statement}`;
        await deliver(failingAt(bed.dataSource, index, when), each).catch((error: unknown) => lost.add(messageOf(error)));
        const done = await isDone(contactId);
        expect(await effects(contactId), at).to.equal(done ? 1 : 0);
        await deliver(bed.dataSource, await requeued(contactId));
        expect([await effects(contactId), await isDone(contactId)], at).to.deep.equal([1, true]);
      }
    }
    expect([...lost]).to.deep.equal(['the connection is lost']);
  });
});
