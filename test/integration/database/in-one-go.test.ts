import { expect } from 'chai';
import type { ClientBase, QueryConfig } from 'pg';
import { failureKind } from '../../../packages/worker/src/db/failure.js';
import { inOneGo, oneByOne } from '../../../packages/worker/src/db/in-one-go.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import type { Batch } from '../../../packages/worker/src/projection/batch.js';
import { Planner } from '../../../packages/worker/src/follow-up/planner.js';
import { complete } from '../../support/arbitrary-activity.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { batchOf, batchOfActivities, openDatabase, type TestDatabase } from '../../support/projection.js';

describe('Statements in one go', () => {
  let test: TestDatabase;
  let contacts = 0;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  /** What was sent to the server and answered, in order, by statements that each tell their number. */
  async function played(send: typeof inOneGo): Promise<{ events: string[]; answers: unknown }> {
    const events: string[] = [];
    const statement = (client: ClientBase, number: number) => async () => {
      const { rows } = await client.query<{ number: number }>('select $1::int as number, pg_sleep(0.01)', [number]);
      events.push(`answered ${number}`);
      return rows[0]?.number;
    };
    const answers = await inTransaction(test.database, async (client) => {
      const { connection } = client as unknown as { connection: { bind: (config: { values: string[] }) => void } };
      const { bind } = connection;
      connection.bind = (config) => {
        events.push(`sent ${config.values.join()}`);
        bind.call(connection, config);
      };
      const answers = await send([1, 2, 3].map((number) => statement(client, number)));
      connection.bind = bind;
      return answers;
    });
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

  /** Names of the statements that a batch takes, those together that went in one go; nameless ones are told by how they begin. */
  async function statementsOf(batch: () => Batch, planner?: Planner): Promise<string[][]> {
    const project = () => applyBatches(database, [batch()], undefined, planner);
    const database = await test.another();
    await project(); // the connection knows its types
    const runner = database.createQueryRunner();
    const client = (await runner.connect()) as ClientBase;
    const gone: string[][] = [];
    let unanswered = 0;
    const query = client.query.bind(client) as (given: string | QueryConfig) => Promise<unknown>;
    const recording = async (given: string | QueryConfig) => {
      if (unanswered++ === 0) gone.push([]);
      gone.at(-1)?.push(typeof given === 'string' ? given : (given.name ?? given.text.trim().slice(0, 12).trim()));
      return query(given).finally(() => unanswered--);
    };
    Object.assign(client, { query: recording });
    await runner.release();
    await project();
    return gone;
  }

  /** Asks whether somebody was erased meanwhile. */
  const erased = ['hold-tombstones', 'bounds'];

  /** A bounce, and an element that is none. */
  const bounced = (): Batch => ({
    ...batchOfActivities('main', [complete({ contactId: ++contacts, status: 'UNDELIVERED', hardBounce: true })]),
    total: 2,
    rejections: [{ position: 1, reason: 'not-an-object', detail: 'no object', contactId: null, movesFlag: false, raw: '1' }],
  });

  it('hold what a batch locks for two answers only: contacts after what waits for nobody, before their channels, flags last', async () => {
    expect(await statementsOf(bounced)).to.deep.equal([
      ['begin'],
      [...erased, 'log-activities', 'insert-rejections', 'upsert-contact-status', 'upsert-contact-channel-status'],
      ['insert-batches', 'hold-sources', 'decide-flags'],
      ['commit'],
    ]);
  });

  it('lock contacts, read those of which a flag may turn before they change, and flags once more when all has', async () => {
    const planner = new Planner([actionOf({ when: { becomes: 'blacklisted' } })], () => undefined);
    expect(await statementsOf(bounced, planner)).to.deep.equal([
      ['begin'],
      [
        ...erased,
        'log-activities',
        'insert-rejections',
        'upsert-contact-status', // which only locks those that are read next
        'read-snapshots',
        'read-flags',
        'upsert-contact-status',
        'upsert-contact-channel-status',
      ],
      ['insert-batches', 'hold-sources', 'decide-flags', 'read-flags'],
      ['insert into'], // the follow-up
      ['commit'],
    ]);
  });

  it('are not made of what is large, which would be held as often as there are statements', async () => {
    const sound = {
      activityStatus: 'UNDELIVERED',
      hardBounce: true,
      mediaType: 'email',
      activityDateTime: '2024-05-01T10:00:00',
    };
    const withSound = (others: unknown[]) => batchOf([{ ...sound, contactId: ++contacts, iid: `large ${contacts}` }, ...others]);
    const broken = () => withSound(Array.from({ length: 5_001 }, () => 'no activity'));
    const long = () => withSound(['x'.repeat(9_000_000)]);
    for (const [batch, slices] of [
      [broken, 2],
      [long, 1],
    ] as const) {
      const gone = await statementsOf(batch);
      expect(gone.filter((together) => together.length > 1)).to.deep.equal([erased]);
      expect(gone.flat().filter((name) => name === 'insert-rejections')).to.have.length(slices);
    }
  });

  it('do not leave what was sent alone when a later one cannot be made', async () => {
    const failed: unknown = await inTransaction(test.database, (client) =>
      inOneGo([
        () => client.query('select 1/0'),
        () => {
          throw new Error('it cannot be made');
        },
      ]),
    ).catch((error: unknown) => error);
    expect(failed).to.have.property('code', '22012');
  });
});
