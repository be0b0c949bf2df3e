/** The few commands of psql that support needs: they begin with a backslash and end with their line. */
import type { Statements } from './statements.js';

export const metaHelp = String.raw`\d              tables and views that you may read
\d <name>       its columns, with what they mean
\set <name> <value>   a variable: :'name' is its value as a text, :name as it is
\q              end (so does Ctrl-D)
A statement ends with a semicolon and may take several lines.`;

const tables = `select c.relname as name, obj_description(c.oid) as description
  from pg_class c where relnamespace = 'vidhuk'::regnamespace and relkind in ('r', 'p', 'v', 'm') and not relispartition
    and has_table_privilege(c.oid, 'select') order by 1`;

const columns = (
  name: string,
) => `select attname as column, format_type(atttypid, atttypmod) as type, col_description(attrelid, attnum) as meaning
  from pg_attribute where attrelid = '${name.replaceAll("'", "''")}'::regclass and attnum > 0 and not attisdropped order by attnum`;

/** What a line that begins with a backslash asks for: a statement to run, a text to show, or the end. Throws where it is no command. */
export function readMetaCommand(line: string, { variables }: Statements): { run: string } | { show: string } | 'quit' {
  const [, name = '', rest = ''] = /^\\(\S*)\s*(.*?);?\s*$/.exec(line.trim()) ?? [];
  if (name === 'q') return 'quit';
  if (name === '?' || name === 'h' || name === 'help') return { show: metaHelp };
  if (name === 'd' || name === 'dt' || name === 'd+') return { run: rest === '' ? tables : columns(rest) };
  if (name !== 'set') throw new Error(`there is no command \\${name} here: \\? lists them`);
  const [, variable, value] = /^([A-Za-z_]\w*)\s+(\S.*)$/.exec(rest) ?? [];
  if (variable === undefined || value === undefined) throw new Error(String.raw`write it as \set name value`);
  variables.set(variable, /^'.*'$/.test(value) ? value.slice(1, -1).replaceAll("''", "'") : value);
  return { show: '' };
}
