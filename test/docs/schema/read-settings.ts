/** The tables of docs/configuration.md: what each setting is called, its default and its meaning. */
import { lexer, type Tokens } from 'marked';

export interface Setting {
  /** The last name between backticks in the heading above, such as `queue` or `http-request`; empty for the top level. */
  section: string;
  /** As in the table: `lockMs`, `retry.attempts`. */
  name: string;
  fallback: string;
  /** Without Markdown. */
  meaning: string;
}

/** Every row of a table that begins with the column "Setting". */
export function readSettings(markdown: string): Setting[] {
  let section = '';
  return lexer(markdown).flatMap((token) => {
    if (token.type === 'heading') section = [...token.raw.matchAll(/`([^`]+)`/g)].at(-1)?.[1] ?? '';
    return isTable(token) && token.header[0]?.text === 'Setting' ? token.rows.map((row) => settingOf(section, row)) : [];
  });
}

const isTable = (token: { type: string }): token is Tokens.Table => token.type === 'table';

const settingOf = (section: string, [name, fallback, meaning]: Tokens.TableCell[]): Setting => ({
  section,
  name: plainText(name),
  fallback: plainText(fallback),
  meaning: plainText(meaning),
});

const plainText = (cell: Tokens.TableCell | undefined): string =>
  (cell?.text ?? '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .trim();
