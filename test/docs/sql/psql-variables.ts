/** `\set` and its variables, as psql reads them. */
import pg from 'pg';

/** Of SQL: what psql leaves alone (texts, names, comments, casts), and then its three ways to name a variable. */
const parts = /:'(\w+)'|:"(\w+)"|'(?:[^']|'')*'|"[^"]*"|--[^\n]*|::|:([A-Za-z_]\w*)/g;

/** The SQL that psql would send; `values` stand for what `\set` says. */
export function withVariables(text: string, values: Readonly<Record<string, string>> = {}): string {
  const set = new Map<string, string>();
  const sql = text.replace(/^\\set (\w+) (.*)$/gm, (_line, name: string, value: string) => {
    set.set(name, unquoted(value.trim()));
    return '';
  });
  for (const [name, value] of Object.entries(values)) {
    if (!set.has(name)) throw new Error(`there is no \\set ${name}`);
    set.set(name, value);
  }
  return sql.replace(parts, (whole, literal?: string, identifier?: string, bare?: string) => {
    const value = set.get(literal ?? identifier ?? bare ?? '');
    if (value === undefined) return whole;
    if (literal !== undefined) return pg.escapeLiteral(value);
    return identifier === undefined ? value : pg.escapeIdentifier(value);
  });
}

const unquoted = (value: string): string => (/^'.*'$/.test(value) ? value.slice(1, -1).replaceAll("''", "'") : value);
