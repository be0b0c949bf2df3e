/** A JSON array of objects, however long; one bare object too. */
import { pipeline, type Readable } from 'node:stream';
import { streamArray } from 'stream-json/streamers/stream-array.js';
import { rowOf } from './row-of.js';
import type { FileRow } from './file-row.js';

interface Item {
  key: number;
  value: unknown;
}

export async function* readJsonArray(text: Readable): AsyncGenerator<FileRow> {
  const items = streamArray.withParserAsStream();
  pipeline(text, items, () => undefined); // whoever iterates hears of the error
  for await (const { key, value } of items as AsyncIterable<Item>) yield rowOf(value, key + 1);
}
