/**
 * Writes the schema as the migrations make it now into a file of SQL, to be kept when a version is released: `npx tsx
 * --conditions=@vidhuk/source test/integration/database/frozen/freeze.ts 0007 > test/integration/database/frozen/0007.sql`. The argument is the number of the
 * last migration that belongs to it.
 */
import type { QueryRunner } from 'typeorm';
import { migrations } from '../../../../packages/worker/src/db/data-source.js';

const last = process.argv[2] ?? '';
const kept = migrations.filter((Migration) => Number(/\d{4}$/.exec(new Migration().name)?.[0]) <= Number(last));
const statements = ['create schema if not exists vidhuk', migrationTable()];
const runner = { query: (sql: string) => Promise.resolve(statements.push(sql)) } as unknown as QueryRunner;
for (const Migration of kept) await new Migration().up(runner);
for (const Migration of kept) {
  const { name } = new Migration();
  statements.push(`insert into vidhuk.migration (timestamp, name) values (${name.slice(-13)}, '${name}')`);
}
process.stdout.write(
  `-- The schema with its migrations up to ${last}, as it was. Not to be edited.\n\n${statements.join(';\n\n')};\n`,
);

/** As TypeORM makes it. */
function migrationTable(): string {
  return 'create table vidhuk.migration (id serial primary key, "timestamp" bigint not null, name character varying not null)';
}
