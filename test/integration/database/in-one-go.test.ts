import { expect } from 'chai';
import type { ClientBase, QueryConfig } from 'pg';
import { failureKind } from '../../../packages/worker/src/db/failure.js';
import { inOneGo, oneByOne } from '../../../packages/worker/src/db/in-one-go.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOfActivities, openDatabase, type TestDatabase } from '../../support/projection.js';

describe('Statements in one go', () => {
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  /** What was sent and answered, in order, by statements that each tell their number. */
  async function played(send: typeof inOneGo): Promise<{ events: string[]; answers: unknown }> {
    const events: string[] = [];
    const statement = (client: ClientBase, number: number) => async () => {
      events.push(`sent ${number}`);
      const { rows } = await client.query<{ number: number }>('select $1::int as number, pg_sleep(0.01)', [number]);
      events.push(`answered ${number}`);
      return rows[0]?.number;
    };
    const answers = await inTransaction(test.database, (client) => send([1, 2, 3].map((number) => statement(client, number))));
    return { events, answers };
  }

  it('are all sent before the first is answered, and done in their order', async () => {
    expect(await played(inOneGo)).to.deep.equal({
      events: ['sent 1', 'sent 2', 'sent 3', 'answered 1', 'answered 2', 'answered 3'],
      answers: [1, 2, 3],
    });
  });

  it('one by one, each is sent when the one before it was answered', async () => {
    expect(await played(oneByOne)).to.deep.equal({
      events: ['sent 1', 'answered 1', 'sent 2', 'answered 2', 'sent 3', 'answered 3'],
      answers: [1, 2, 3],
    });
  });

  it('are refused as the first that was refused, whose reason decides what becomes of the batch, and nothing stays', async () => {
    const refused: unknown = await inTransaction(test.database, (client) =>
      inOneGo([
        () => client.query('create table vidhuk.not_to_stay (id int)'),
        async () => {
          const { rowCount } = await client.query('select 1/0'); // hears of it later than the next one
          return rowCount;
        },
        () => client.query('select 1'), // "current transaction is aborted": infrastructure, to be repeated for ever
      ]),
    ).catch((error: unknown) => error);
    expect(refused).to.have.property('code', '22012');
    expect(failureKind(refused)).to.equal('data');
    expect(await test.database.query(`select to_regclass('vidhuk.not_to_stay') as found`)).to.deep.equal([{ found: null }]);
  });

  it('hold what a batch locks for two answers only, contacts before their channels', async () => {
    const project = () => applyBatches(database, [batchOfActivities('main', [complete({ contactId: 7 })])]);
    const database = await test.another();
    await project(); // the connection knows its types
    const runner = database.createQueryRunner();
    const client = (await runner.connect()) as ClientBase;
    const gone: string[][] = [];
    let unanswered = 0;
    const query = client.query.bind(client) as (given: string | QueryConfig) => Promise<unknown>;
    const recording = async (given: string | QueryConfig) => {
      if (unanswered++ === 0) gone.push([]);
      gone.at(-1)?.push(typeof given === 'string' ? given : (given.name ?? given.text));
      return query(given).finally(() => unanswered--);
    };
    Object.assign(client, { query: recording });
    await runner.release();
    await project();
    expect(gone).to.deep.equal([
      ['begin'],
      ['insert-activities', 'upsert-contact-status', 'upsert-contact-channel-status'],
      ['insert-batches'],
      ['commit'],
    ]);
  });
});
