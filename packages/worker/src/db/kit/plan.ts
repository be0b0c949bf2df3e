/** Which migrations a database waits for, and what they will lock, for how long: `vidhuk migrate --plan`. */
import type { DataSource, MigrationInterface } from 'typeorm';
import { migrations as ours } from '../data-source.js';
import { isPlanned, type EachRow, type MigrationStep } from './planned-migration.js';

export type MigrationClass = new () => MigrationInterface;

export interface PlannedStep extends MigrationStep {
  migration: string;
  /** Of the table, as the server last counted them; null: it is not there. */
  rows: number | null;
  /** About how long it takes, in s. */
  seconds: number;
}

export interface MigrationPlan {
  /** Names of those that are to be applied. */
  pending: string[];
  /** Of those that say what they do. */
  steps: PlannedStep[];
  /** Names of those that are applied, and that this program does not know. */
  unknown: string[];
}

/** Rows a second: on a slow disk, so that it takes less rather than more. */
const paces: Record<Exclude<EachRow, 'nothing'>, number> = { read: 500_000, indexed: 200_000, written: 20_000 };
const moment = 0.1;

const nameOf = (Migration: MigrationClass): string => new Migration().name ?? Migration.name;

/** Changes nothing, and needs no more than to read. */
export async function planMigrations(
  dataSource: DataSource,
  migrations: readonly MigrationClass[] = ours,
): Promise<MigrationPlan> {
  const applied = await readApplied(dataSource);
  const known = new Set(migrations.map(nameOf));
  const waiting = migrations.filter((Migration) => !applied.has(nameOf(Migration)));
  const steps: PlannedStep[] = [];
  for (const Migration of waiting) {
    const migration = new Migration();
    if (!isPlanned(migration)) continue;
    for (const step of migration.steps) {
      const rows = step.table === null ? null : await countRows(dataSource, step.table);
      const seconds = step.eachRow === 'nothing' ? moment : Math.max(moment, (rows ?? 0) / paces[step.eachRow]);
      steps.push({ migration: migration.name, ...step, rows, seconds });
    }
  }
  return { pending: waiting.map(nameOf), steps, unknown: [...applied].filter((name) => !known.has(name)) };
}

async function readApplied(dataSource: DataSource): Promise<Set<string>> {
  const [found] = await dataSource.query<{ present: boolean }[]>(`select to_regclass('vidhuk.migration') is not null as present`);
  if (found?.present !== true) return new Set();
  const rows = await dataSource.query<{ name: string }[]>('select name from vidhuk.migration order by id');
  return new Set(rows.map(({ name }) => name));
}

/** With all partitions; a table that nobody has counted yet is counted by its size. */
async function countRows(dataSource: DataSource, table: string): Promise<number | null> {
  const [row] = await dataSource.query<{ rows: number | null }[]>(
    `with recursive tree as (
       select to_regclass($1)::oid as oid union all select inhrelid from tree join pg_inherits on inhparent = tree.oid
     )
     select sum(case when reltuples >= 0 and relpages > 0 then reltuples / relpages * pg_relation_size(c.oid) / 8192 else pg_relation_size(c.oid) / 200 end)::float8 as rows
     from tree join pg_class c using (oid) where relkind = 'r'`,
    [`vidhuk.${table}`],
  );
  return row?.rows == null ? null : Math.round(row.rows);
}

/** In one sentence; `undefined`: the program knows all that was done to the database. */
export const newerSchema = ({ unknown }: MigrationPlan): string | undefined =>
  unknown.length === 0
    ? undefined
    : `the database is of a newer version than this program, which does not know ${unknown.join(', ')}: run "vidhuk migrate" of that version or a later one`;
