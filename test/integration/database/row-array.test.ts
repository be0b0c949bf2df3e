import { expect } from 'chai';
import fc from 'fast-check';
import pg from 'pg';
import { failureKind } from '../../../packages/worker/src/db/failure.js';
import { RowTypes1700000000004 } from '../../../packages/worker/src/db/migrations/0004-row-types.js';
import { activityRows } from '../../../packages/worker/src/projection/sql/log-activities.js';
import { batchRows } from '../../../packages/worker/src/projection/sql/insert-batches.js';
import {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  integerColumn,
  learnTypes,
  RowArray,
  textColumn,
  textsColumn,
  timeColumn,
  uuidColumn,
} from '../../../packages/worker/src/db/rows/row-array.js';
import { channelRows } from '../../../packages/worker/src/projection/sql/upsert-contact-channel-status.js';
import { contactRows } from '../../../packages/worker/src/projection/sql/upsert-contact-status.js';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOfActivities, createProjector, openDatabase, quarantined, type TestDatabase } from '../../support/projection.js';

interface Row {
  flag: boolean | null;
  count: number | null;
  id: number | null;
  /** ms since 1970. */
  at: number | null;
  key: string | null;
  name: string | null;
  bytes: Buffer | null;
  names: string[] | null;
}

const rows = new RowArray<Row>('vidhuk.every_type', [
  booleanColumn('flag', (row) => row.flag),
  integerColumn('count', (row) => row.count),
  bigintColumn('id', (row) => row.id),
  timeColumn('at', (row) => row.at),
  uuidColumn('key', (row) => row.key),
  textColumn('name', (row) => row.name),
  bytesColumn('bytes', (row) => row.bytes),
  textsColumn('names', (row) => row.names),
]);
const everyType =
  'create type vidhuk.every_type as (flag boolean, count integer, id bigint, at timestamptz, key uuid, name text, bytes bytea, names text[])';

/** What PostgreSQL takes: no NUL, whole characters. */
const text = fc.string({ unit: 'binary', maxLength: 200 }).map((drawn) => drawn.replaceAll('\0', '').toWellFormed());
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const year = (value: number): number => new Date(0).setUTCFullYear(value, 0, 1);

const anyRow: fc.Arbitrary<Row> = fc.record({
  flag: orNull(fc.boolean()),
  count: orNull(fc.integer()),
  id: orNull(fc.maxSafeInteger()),
  at: orNull(fc.integer({ min: year(1), max: year(10_000) - 1 })),
  key: orNull(fc.uuid()),
  name: orNull(text),
  bytes: orNull(fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes))),
  names: orNull(fc.array(text, { maxLength: 5 })),
});

describe('Rows as one value', () => {
  let test: TestDatabase;
  let client: pg.Client;
  beforeEach(async () => {
    test = await openDatabase();
    await test.database.query(everyType);
    client = await connected();
  });
  afterEach(async () => {
    await client.end();
    await test.drop();
  });

  const connected = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    return client;
  };

  /** The rows as PostgreSQL has them, once they have travelled. */
  async function readBack(given: readonly Row[], from = client): Promise<unknown[]> {
    await learnTypes(from, [rows]);
    const select = `select flag, count, id, (extract(epoch from at) * 1000)::bigint as at, key, name, bytes, names from ${rows.unnested}`;
    const { rows: read } = await from.query<Omit<Row, 'id' | 'at'> & { id: string | null; at: string | null }>(select, [
      rows.parameter(from, rows.encode(given)),
    ]);
    const numberOf = (digits: string | null) => (digits === null ? null : Number(digits));
    return read.map((row) => ({ ...row, id: numberOf(row.id), at: numberOf(row.at) }));
  }

  it('arrive as they were, whatever is in them', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: 20 }), async (drawn) => {
        expect(await readBack(drawn)).to.deep.equal(drawn);
      }),
      { numRuns: 300 },
    );
  });

  it('arrive at the ends of what numbers and times hold', async () => {
    const none = { flag: null, count: null, id: null, at: null, key: null, name: null, bytes: null, names: null };
    const ends = [
      { ...none, id: Number.MIN_SAFE_INTEGER, at: year(1), count: -(2 ** 31) },
      { ...none, id: Number.MAX_SAFE_INTEGER, at: year(10_000) - 1, count: 2 ** 31 - 1 },
      ...[-(2 ** 32), -(2 ** 32) - 1, -1, 0, 1, 2 ** 32 - 1, 2 ** 32].map((id) => ({ ...none, id, at: year(2000) + (id % 1e6) })),
    ];
    expect(await readBack(ends)).to.deep.equal(ends);
  });

  it('arrive however much longer they are than usual', async () => {
    const long = {
      name: 'ї'.repeat(1_000_000),
      bytes: Buffer.alloc(3_000_000, 'b'),
      names: Array.from({ length: 1_000 }, () => 'x'.repeat(1_000)),
    };
    const given = [1, 2].map((count) => ({
      flag: true,
      count,
      id: count,
      at: 0,
      key: '00000000-0000-8000-8000-0000000000ff',
      ...long,
    }));
    expect(await readBack(given)).to.deep.equal(given);
  });

  it('do not go to a connection that has not learned their type', () => {
    expect(() => rows.parameter(client, rows.encode([]))).to.throw(
      'vidhuk.every_type is sent on a connection that was not told about it',
    );
  });

  it('find the type on a new connection when it was made anew, as in a database that was restored', async () => {
    await readBack([]);
    await client.query(`drop type vidhuk.every_type; ${everyType}`);
    const another = await connected();
    try {
      expect(await readBack([], another)).to.deep.equal([]);
    } finally {
      await another.end();
    }
  });

  it('go on after a schema was restored under a connection that remembers the one before', async () => {
    const { projector } = createProjector(await test.another());
    const project = (contactId: number) => projector.project([batchOfActivities('main', [complete({ contactId })])]);
    await project(1);
    const runner = test.database.createQueryRunner();
    const migration = new RowTypes1700000000004();
    await migration.down(runner);
    await migration.up(runner);
    await runner.release();
    const [first, second] = [await project(2).catch((error: unknown) => error), await project(2)];
    expect(failureKind(first)).to.equal('infrastructure');
    expect(second).to.deep.equal([{ new: 1, duplicate: 0, rejected: 0 }]);
    expect(await quarantined(test.database)).to.deep.equal([]);
  });

  it('have the columns that the migrated types have, in their order', async () => {
    for (const { name, columns } of [activityRows, contactRows, channelRows, batchRows]) {
      const attributes: unknown = await test.database.query(
        `select attname as name, replace(format_type(atttypid, null), 'timestamp with time zone', 'timestamptz') as type
         from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum`,
        [name],
      );
      expect(attributes, name).to.deep.equal(columns.map(({ name, type }) => ({ name: name.replaceAll('"', ''), type })));
    }
  });
});
