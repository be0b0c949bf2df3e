/** From lines to statements: what is typed or read goes in, what is complete comes out. */
import { lex } from './lex.js';

/** More than space and comments. */
const holdsSomething = (text: string): boolean =>
  [...lex(text)].some((token) => token.kind === 'open' || (token.kind !== 'comment' && token.text.trim() !== ''));

export class Statements {
  #pending = '';

  /** Variables by name, as `\set` sets them. */
  readonly variables = new Map<string, string>();

  /** Whether a statement has begun. */
  get isPending(): boolean {
    return holdsSomething(this.#pending);
  }

  /** Takes `text`, and gives the statements that end in it, without their semicolons and with variables filled in. */
  push(text: string): string[] {
    const complete: string[] = [];
    let statement = '';
    for (const token of lex(this.#pending + text)) {
      if (token.kind === 'end') {
        complete.push(statement);
        statement = '';
      } else statement += token.text;
    }
    this.#pending = statement;
    return complete.filter(holdsSomething).map((each) => this.#fillIn(each));
  }

  /** At the end of what is read: the statement that lacks its semicolon, if there is one. */
  flush(): string[] {
    const rest = this.isPending ? [this.#fillIn(this.#pending)] : [];
    this.clear();
    return rest;
  }

  clear(): void {
    this.#pending = '';
  }

  /** `:'name'` as a literal, `:"name"` as a name, `:name` as it is; what is not set stays, as in psql. */
  #fillIn(statement: string): string {
    const filled = [...lex(statement)].map(({ kind, text }) => {
      const [, quote = '', name = ''] = /^:(['"]?)(\w+)/.exec(text) ?? [];
      const value = kind === 'variable' ? this.variables.get(name) : undefined;
      if (value === undefined) return text;
      return quote === '' ? value : `${quote}${value.replaceAll(quote, quote + quote)}${quote}`;
    });
    return filled.join('').trim();
  }
}
