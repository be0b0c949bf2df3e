/** The rules as the database knows them: `vidhuk.explain` reads them. */
import type { ClientBase } from 'pg';

/** A row of `projection_rule`. */
export interface RuleRow {
  /** null: whatever status it has. */
  status: string | null;
  hardBounce: true | null;
  subscriptions: 'some' | 'none' | null;
  moves: string;
  keeps: 'latest' | 'earliest';
  ofContact: boolean;
  ofChannel: boolean;
  aboutContact: boolean;
  /** Which activities, in words. */
  words: string;
}

const columns = `nth integer, version integer, status text, hard_bounce boolean, subscriptions text, moves text, keeps text, of_contact boolean,
  of_channel boolean, about_contact boolean, words text`;
const names = columns.replace(/(\w+) \w+/g, '$1');

const recordsOf = (rows: readonly RuleRow[], version: number): string =>
  JSON.stringify(
    rows.map((row, index) => ({
      nth: index + 1,
      version,
      status: row.status,
      hard_bounce: row.hardBounce,
      subscriptions: row.subscriptions,
      moves: row.moves,
      keeps: row.keeps,
      of_contact: row.ofContact,
      of_channel: row.ofChannel,
      about_contact: row.aboutContact,
      words: row.words,
    })),
  );

/** One at a time; the version of the rules that the database has, 0 where it has none. */
export async function lockRules(client: ClientBase): Promise<number> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('vidhuk projection rules', 0))`);
  const { rows } = await client.query<{ version: number }>(
    'select coalesce(max(version), 0) as version from vidhuk.projection_rule',
  );
  return rows[0]?.version ?? 0;
}

/** Makes these the rules that the database knows; writes only where it knew others. */
export async function writeRules(client: ClientBase, rows: readonly RuleRow[], version: number): Promise<void> {
  const values = [recordsOf(rows, version)];
  const given = `(select ${names} from json_to_recordset($1) as r(${columns}))`;
  const known = `(select ${names} from vidhuk.projection_rule)`;
  const { rows: differences } = await client.query(
    `(${given} except ${known}) union all (${known} except ${given}) limit 1`,
    values,
  );
  if (differences.length === 0) return;
  await client.query('delete from vidhuk.projection_rule');
  await client.query(`insert into vidhuk.projection_rule (${names}) ${given}`, values);
}

/** By which version of the rules the projections were made; where nobody has said so yet, by `version`. */
export async function projectedBy(client: ClientBase, version: number): Promise<number> {
  await client.query('insert into vidhuk.projection (rules_version) values ($1) on conflict (id) do nothing', [version]);
  const { rows } = await client.query<{ version: number }>('select rules_version as version from vidhuk.projection');
  return rows[0]?.version ?? version;
}
