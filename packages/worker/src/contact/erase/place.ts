/** A place that can hold something of a person, as the list in `places.ts` has them. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { Configuration, JobQueue, BatchJob } from '@vidhuk/shared';
import { inTransaction } from '../../db/transaction.js';
import type { Person } from './person.js';
import { isRebuilt, toSecond } from '../../projection/second-tables.js';

export interface ErasureParts {
  dataSource: DataSource;
  /** For the time zones of bodies. */
  sources: Configuration['sources'];
  /** Batches that wait are caught by the tombstones when they are taken; those that are finished, and kept, are looked through. */
  queue: Pick<JobQueue<BatchJob>, 'getRanges' | 'getJob'>;
}

export interface Place {
  /** What it is, for people: a table, mostly. */
  name: string;
  /** How much of the person it holds, and, unless it is a trial, holds no more. May be called again. */
  erase: (parts: ErasureParts, person: Person, trial: boolean) => Promise<number>;
}

/** `person` in a condition: `person.source`, `person.ids` (bigint[]), `person.addresses` (text[], in lower case). */
const withPerson = `with person as (select $1::text as source, $2::bigint[] as ids, $3::text[] as addresses)`;

const valuesOf = ({ source, contactIds, addresses }: Person): unknown[] => [
  source,
  contactIds,
  addresses.map((address) => address.toLowerCase()),
];

/** Rows of a table `t` that go. */
export const deleted = (table: string, where: string): Place =>
  statement(table, where, `delete from vidhuk.${table} t using person where ${where}`);

/** Rows of a table `t` that stay, without what says whose they were. */
export const blanked = (table: string, where: string, set: string): Place =>
  statement(table, where, `update vidhuk.${table} t set ${set} from person where ${where}`);

/** In the tables, and in those that a rebuild is making, where one is under way. */
function statement(table: string, where: string, sql: string): Place {
  const counting = `select count(*)::integer as count from vidhuk.${table} t, person where ${where}`;
  return {
    name: table,
    erase: ({ dataSource }, person, trial) =>
      inTransaction(dataSource, async (client: ClientBase) => {
        const run = async (toTable: (text: string) => string): Promise<number> => {
          const { rows, rowCount } = await client.query<{ count: number }>(
            `${withPerson} ${toTable(trial ? counting : sql)}`,
            valuesOf(person),
          );
          return trial ? (rows[0]?.count ?? 0) : (rowCount ?? 0);
        };
        const found = await run((text) => text);
        return (await isRebuilt(client, table)) ? found + (await run(toSecond)) : found;
      }),
  };
}
