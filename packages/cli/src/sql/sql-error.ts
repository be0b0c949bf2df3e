/** An error of PostgreSQL as psql tells it: with the line, and a mark below the place. */
import pg from 'pg';
import { messageOf } from '@vidhuk/shared';

/** `statement` is what was sent. */
export function describeSqlError(error: unknown, statement: string): string {
  if (!(error instanceof pg.DatabaseError)) return messageOf(error);
  const { severity = 'ERROR', message, detail, hint, position } = error;
  return [
    `${severity}: ${message}`,
    ...(position === undefined ? [] : mark(statement, Number(position))),
    ...(detail === undefined ? [] : [`DETAIL: ${detail}`]),
    ...(hint === undefined ? [] : [`HINT: ${hint}`]),
  ].join('\n');
}

/** `position` counts characters, not UTF-16 units, from 1. */
function mark(statement: string, position: number): string[] {
  const before = Array.from(statement)
    .slice(0, position - 1)
    .join('');
  const start = before.lastIndexOf('\n') + 1;
  const end = statement.indexOf('\n', before.length);
  const label = `LINE ${before.split('\n').length}: `;
  const line = statement.slice(start, end < 0 ? undefined : end);
  const indent = (label + before.slice(start)).replace(/[^\t]/gu, ' ');
  return [label + line, `${indent}^`];
}
