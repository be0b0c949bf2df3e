import { expect } from 'chai';
import pg from 'pg';
import { PermanentError } from '../../../packages/shared/src/index.js';
import { postgresFunction } from '../../../packages/worker/src/handlers/postgres-function.js';
import { bound, callContext, handlerActivity, problemsOf } from '../../support/call-context.js';
import { rejection } from '../../support/poll.js';
import { createDatabase } from '../../support/services/database.js';

describe('postgres-function', () => {
  let drop: () => Promise<void>;
  let client: pg.Client;
  const db = {
    query: async <Row>(sql: string, values: readonly unknown[] = []) => (await client.query(sql, [...values])).rows as Row[],
  };
  const run = (name: string, signal = AbortSignal.timeout(10_000)) =>
    bound(postgresFunction, { function: name })([handlerActivity()], callContext({ db, signal }));

  before(async () => {
    const database = await createDatabase();
    ({ drop } = database);
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`
      create schema crm;
      create table crm.seen (payload jsonb);
      create function crm.on_activity(payload jsonb) returns void language sql as 'insert into crm.seen values (payload)';
      create function on_activity(payload jsonb) returns void language sql as 'insert into crm.seen values (payload)';
      create function crm.refuse(jsonb) returns void language plpgsql as
        $$ begin raise exception 'no such contact' using errcode = 'data_exception'; end $$;
      create function crm.later(jsonb) returns void language plpgsql as $$ begin raise exception 'not yet'; end $$;
      create function crm.hang(jsonb) returns void language sql as 'select pg_sleep(2)';
    `);
  });
  after(async () => {
    await client.end();
    await drop();
  });

  it('calls the function with what http-request sends', async () => {
    for (const name of ['crm.on_activity', 'on_activity']) await run(name);
    const { rows } = await client.query<{ payload: Record<string, unknown> }>('select payload from crm.seen');
    expect(rows).to.have.lengthOf(2);
    expect(rows[0]?.payload).to.deep.include({
      type: 'activity.unsubscribed',
      action: 'tell-crm',
      contact: handlerActivity().contact,
    });
  });

  it('takes a data exception for final, and any other for temporary', async () => {
    const refused = await rejection(run('crm.refuse'));
    expect(refused).to.be.instanceOf(PermanentError).and.to.have.property('message', 'crm.refuse: no such contact');
    expect(await rejection(run('crm.later'))).not.to.be.instanceOf(PermanentError);
    expect(await rejection(run('crm.not_there_yet'))).not.to.be.instanceOf(PermanentError);
  });

  it('waits no longer than the signal allows', async () => {
    const started = Date.now();
    const error = await rejection(run('crm.hang', AbortSignal.timeout(100)));
    expect(error.message).to.include('aborted');
    expect(Date.now() - started).to.be.lessThan(1_000);
  });

  it('takes nothing for a name that is more than a name', () => {
    for (const name of ['f()', 'a.b.c', 'a b', '"a"', 'a;drop table x', 'A', "a'", '', '1a', 'a.', 'a'.repeat(64)])
      expect(problemsOf(postgresFunction, { function: name }), name).to.have.lengthOf(1);
  });
});
