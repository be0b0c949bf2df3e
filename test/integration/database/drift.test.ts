import { expect } from 'chai';
import { ruleRows } from '../../../packages/worker/src/projection/settle-rules.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';

interface Column {
  table: string;
  column: string;
  type: string;
  nullable: boolean;
  primary: boolean;
}

const migrated = `
  select class.relname as table, attribute.attname as column, format_type(attribute.atttypid, null) as type, not attribute.attnotnull as nullable,
    coalesce(attribute.attnum = any(key.conkey), false) as primary
  from pg_attribute attribute
  join pg_class class on class.oid = attribute.attrelid
  left join pg_constraint key on key.conrelid = class.oid and key.contype = 'p'
  where class.relnamespace = 'vidhuk'::regnamespace and class.relkind in ('r', 'p') and not class.relispartition and class.relname <> 'migration'
    and attribute.attnum > 0 and not attribute.attisdropped`;

const byName = (a: Column, b: Column) => (`${a.table}.${a.column}` < `${b.table}.${b.column}` ? -1 : 1);

describe('The entities', () => {
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  it('describe the migrated tables: the same columns, types, nullability and primary keys, none missing on either side', async () => {
    const described = test.database.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns.map((column) => ({
        table: tableName,
        column: column.databaseName,
        type: `${String(column.type)}${column.isArray ? '[]' : ''}`,
        nullable: column.isNullable,
        primary: column.isPrimary,
      })),
    );
    for (const column of described) {
      const [row]: { type: string }[] = await test.database.query('select format_type(to_regtype($1), null) as type', [
        column.type,
      ]);
      column.type = row?.type ?? 'unknown';
    }
    const columns: Column[] = await test.database.query(migrated);
    expect(described.sort(byName)).to.deep.equal(columns.sort(byName));
  });

  it('can read every table', async () => {
    // The program tells the database its rules before anything comes in.
    const settled = new Map([
      ['projection', 1],
      ['horizon', 1],
      ['projection_rule', ruleRows().length],
    ]);
    for (const { name } of test.database.entityMetadatas)
      expect(await test.database.getRepository(name).find(), name).to.have.length(settled.get(name) ?? 0);
  });
});

describe('The schema', () => {
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  it('has a comment on every table, view, function and column', async () => {
    const bare: unknown = await test.database.query(`
      select class.relname || coalesce('.' || attribute.attname, '') as name
      from pg_class class
      left join pg_attribute attribute on attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
      where class.relnamespace = 'vidhuk'::regnamespace and class.relkind in ('r', 'p', 'v') and not class.relispartition
        and class.relname <> 'migration'
        and (col_description(class.oid, attribute.attnum) is null or obj_description(class.oid, 'pg_class') is null)
      union all
      select proname || '()' from pg_proc where pronamespace = 'vidhuk'::regnamespace and obj_description(oid, 'pg_proc') is null
      order by 1`);
    expect(bare).to.deep.equal([]);
  });

  it('shows the comments on partitions too', async () => {
    const [row]: { bare: string }[] = await test.database.query(`
      select count(*) as bare from pg_attribute
      where attrelid in (select inhrelid from pg_inherits join pg_class on oid = inhrelid
          where inhparent = 'vidhuk.activity'::regclass and relname <> 'activity_default')
        and attnum > 0 and col_description(attrelid, attnum) is null`);
    expect(row?.bare).to.equal('0');
  });
});
