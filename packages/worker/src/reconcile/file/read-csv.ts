/** CSV with a line of names on top, separated by commas, semicolons or tabs. */
import { pipeline, type Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { FileRow } from './file-row.js';

const delimiters = [',', ';', '\t'];

interface Record {
  record: string[];
  info: { lines: number };
}

export async function* readCsv(text: Readable): AsyncGenerator<FileRow> {
  const chunks = text[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  const start = await chunks.next();
  if (start.done === true) return;
  const first = start.value;
  const [head = ''] = first.toString('utf8').split(/\r?\n/, 1);
  const delimiter = delimiterOf(head);
  const parser = parse({ bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true });
  pipeline(
    async function* () {
      yield first;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    },
    parser,
    () => undefined,
  ); // whoever iterates hears of the error
  let names: string[] | undefined;
  for await (const { record, info } of parser as AsyncIterable<Record>) {
    if (names === undefined) names = record.map((name) => name.trim());
    else yield rowOf(names, record, info.lines);
  }
}

/** The one of which the line of names has most. */
const delimiterOf = (head: string): string =>
  delimiters.reduce((best, each) => (head.split(each).length > head.split(best).length ? each : best), ',');

function rowOf(names: readonly string[], record: readonly string[], line: number): FileRow {
  if (record.length !== names.length)
    return { line, fault: `has ${record.length} values, and the line of names has ${names.length}` };
  return { line, row: Object.fromEntries(names.map((name, nth) => [name, record[nth]])) };
}
