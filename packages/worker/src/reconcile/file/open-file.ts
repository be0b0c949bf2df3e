/** A file of activities as a stream of rows: NDJSON, a JSON array, or CSV, each gzipped or not, of any size. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FileRow } from './file-row.js';
import { readCsv } from './read-csv.js';
import { readJsonArray } from './read-json-array.js';
import { readLines } from './read-lines.js';

export const fileFormats = ['ndjson', 'json', 'csv'] as const;
export type FileFormat = (typeof fileFormats)[number];

export interface OpenedFile {
  format: FileFormat;
  /** In bytes, as it lies on the disk. */
  size: number;
  /** Bytes of it that were read so far. */
  bytesRead: () => number;
  /** In order; `line` counts from 1, and of a JSON array the elements. */
  rows: AsyncIterable<FileRow>;
}

const endings: Readonly<Record<string, FileFormat>> = { ndjson: 'ndjson', jsonl: 'ndjson', json: 'json', csv: 'csv', tsv: 'csv' };

/** By the end of the name; null for a name that does not tell. */
export function formatOf(path: string): FileFormat | null {
  const [, ending = ''] = /\.([a-z]+)(?:\.gz)?$/i.exec(path) ?? [];
  return endings[ending.toLowerCase()] ?? null;
}

/** Rejects with the system's error where the file cannot be opened; what is broken further on rejects while the rows are read. */
export async function openFile(path: string, format: FileFormat): Promise<OpenedFile> {
  const file = await open(path);
  try {
    const { buffer } = await file.read({ buffer: Buffer.alloc(2), position: 0 });
    const { size } = await file.stat();
    const raw = createReadStream(path);
    const isGzip = buffer[0] === 0x1f && buffer[1] === 0x8b;
    const text = isGzip ? decompressed(raw) : raw;
    const read = { ndjson: readLines, json: readJsonArray, csv: readCsv }[format];
    return { format, size, bytesRead: () => raw.bytesRead, rows: read(text) };
  } finally {
    await file.close();
  }
}

function decompressed(raw: Readable): Readable {
  const gunzip = createGunzip();
  raw.on('error', (error) => gunzip.destroy(error));
  return raw.pipe(gunzip);
}
