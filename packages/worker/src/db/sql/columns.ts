/**
 * Rows that go to a statement as one array per column: measured, PostgreSQL reads them in half the time that it takes for an array of JSON
 * objects, and they are made as quickly.
 */

export interface Column<Row> {
  name: string;
  /** Of the array's elements. */
  type: string;
  /** What the statement selects; `name` if left out. */
  select?: string;
  /** The whole column, as the driver takes it. */
  arrayOf: (rows: readonly Row[]) => unknown;
}

type Value<Row, T> = (row: Row) => T | null | undefined;

/** Numbers, booleans, UUIDs: nothing in their text means anything in an array's, so that the driver need not look at each. */
const plain =
  <Row>(value: Value<Row, number | boolean | string>) =>
  (rows: readonly Row[]): string =>
    `{${rows.map((row) => value(row) ?? 'null').join()}}`;

export const plainColumn = <Row>(
  name: string,
  type: 'bigint' | 'integer' | 'boolean' | 'uuid',
  value: Value<Row, number | boolean | string>,
): Column<Row> => ({ name, type, arrayOf: plain(value) });

export const textColumn = <Row>(name: string, value: Value<Row, string>): Column<Row> => ({
  name,
  type: 'text',
  arrayOf: (rows) => rows.map(value),
});

/** Lists of texts, as JSON: an array of arrays would have to be rectangular. */
export const textsColumn = <Row>(name: string, value: Value<Row, readonly string[]>): Column<Row> => ({
  name,
  type: 'text',
  select: `case when ${name} is not null then array(select json_array_elements_text(${name}::json)) end as ${name}`,
  arrayOf: (rows) =>
    rows.map((row) => {
      const list = value(row);
      return list === null || list === undefined ? null : JSON.stringify(list);
    }),
});

/** Times, in ms since 1970: a number costs less than a date's text on both sides. Seconds apart, because a double holds no ms of the year 9999 exactly. */
export const timeColumn = <Row>(name: string, value: Value<Row, number>): Column<Row> => ({
  name,
  type: 'bigint',
  select: `to_timestamp(${name} / 1000) + ${name} % 1000 * interval '1 millisecond' as ${name}`,
  arrayOf: plain(value),
});

export const namesOf = <Row>(columns: readonly Column<Row>[]): string => columns.map(({ name }) => name).join(', ');

/** `select … from unnest(…)`, with the arrays as parameters from $1 on. */
export const selectFrom = <Row>(columns: readonly Column<Row>[]): string => `
  select ${columns.map(({ name, select = name }) => select).join(', ')}
  from unnest(${columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')}) as r(${namesOf(columns)})`;

export const arraysOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): unknown[] =>
  columns.map(({ arrayOf }) => arrayOf(rows));
