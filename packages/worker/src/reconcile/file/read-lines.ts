/** NDJSON: one object a line, empty lines left out. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { messageOf } from '@vidhuk/shared';
import { rowOf } from './row-of.js';
import type { FileRow } from './file-row.js';

export async function* readLines(text: Readable): AsyncGenerator<FileRow> {
  const failed = new Promise<never>((_, reject) => text.once('error', reject));
  failed.catch(() => undefined); // told below, if lines are still read
  let line = 0;
  for await (const content of createInterface({ input: text, crlfDelay: Infinity })) {
    line++;
    const trimmed = content.replace(/^\uFEFF/, '').trim();
    if (trimmed === '') continue;
    yield parse(trimmed, line);
  }
  if (text.errored !== null) await failed;
}

function parse(text: string, line: number): FileRow {
  try {
    return rowOf(JSON.parse(text), line);
  } catch (error) {
    return { line, fault: `is no JSON (${messageOf(error)})` };
  }
}
