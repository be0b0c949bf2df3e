/** Finds a table of the export and its columns, whatever their case: exports of several ages spell them in several ways. */
import { PermanentError } from '@vidhuk/shared';
import type { ClientBase } from 'pg';

export interface ExportColumn {
  name: string;
  /** As `information_schema` calls it. */
  type: string;
}

export interface ExportTable {
  /** Quoted, with its schema. */
  name: string;
  columns: ExportColumn[];
}

const sql = `
  select table_name as table, column_name as name, data_type as type from information_schema.columns
  where table_schema = $1 and lower(replace(table_name, '_', '')) = $2 order by table_name, ordinal_position`;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Throws a `PermanentError` where there is none that this user may read. */
export async function findTable(client: ClientBase, schema: string, table: string): Promise<ExportTable> {
  const { rows } = await client.query<ExportColumn & { table: string }>(sql, [schema, table.toLowerCase()]);
  const [first] = rows;
  if (first === undefined)
    throw new PermanentError(
      `the export has no table ${table} in the schema "${schema}" that this user may read: see sources.….export.schema`,
    );
  return {
    name: `${quoted(schema)}.${quoted(first.table)}`,
    columns: rows.filter(({ table: of }) => of === first.table).map(({ name, type }) => ({ name, type })),
  };
}
