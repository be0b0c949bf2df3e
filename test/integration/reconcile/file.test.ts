import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { previewOf } from '../../../packages/worker/src/reconcile/file/field-mapping.js';
import type { FileRow } from '../../../packages/worker/src/reconcile/file/file-row.js';
import { formatOf, openFile, type FileFormat } from '../../../packages/worker/src/reconcile/file/open-file.js';
import { rejection } from '../../support/poll.js';

describe('A file of activities', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-file-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function rowsOf(content: string | Buffer, format: FileFormat): Promise<FileRow[]> {
    const path = join(folder, 'file');
    await writeFile(path, content);
    const { rows } = await openFile(path, format);
    const read: FileRow[] = [];
    for await (const row of rows) read.push(row);
    return read;
  }

  const expected = [
    { line: 1, row: { activityStatus: 'READ', contactId: 1 } },
    { line: 2, row: { activityStatus: 'SPAM', contactId: 2 } },
  ];
  const ndjson = expected.map(({ row }) => JSON.stringify(row)).join('\n');

  it('is read line by line where it is NDJSON, with or without a byte order mark, with any line ends, gzipped or not', async () => {
    expect(await rowsOf(ndjson, 'ndjson')).to.deep.equal(expected);
    expect(await rowsOf(`\uFEFF${ndjson.replace('\n', '\r\n')}\n`, 'ndjson')).to.deep.equal(expected);
    expect(await rowsOf(gzipSync(ndjson), 'ndjson')).to.deep.equal(expected);
  });

  it('is read element by element where it is a JSON array', async () => {
    expect(await rowsOf(JSON.stringify(expected.map(({ row }) => row)), 'json')).to.deep.equal(expected);
    expect(await rowsOf('[]', 'json')).to.deep.equal([]);
  });

  it('is read with the names of its first line where it is CSV, whatever separates them', async () => {
    for (const separator of [',', ';', '\t']) {
      const lines = ['\uFEFFactivityStatus|messageName', 'READ|"Hello, ""you""; and\nyou"'].join('\n').replaceAll('|', separator);
      expect(await rowsOf(lines, 'csv')).to.deep.equal([
        { line: 3, row: { activityStatus: 'READ', messageName: 'Hello, "you"; and\nyou' } },
      ]);
    }
  });

  it('tells the line of what is no row', async () => {
    const faults = await rowsOf('{"a":1}\nnonsense\n[1]\n\n{"b":2}', 'ndjson');
    expect(faults.map((row) => [row.line, 'fault' in row])).to.deep.equal([
      [1, false],
      [2, true],
      [3, true],
      [5, false],
    ]);
    expect(await rowsOf('a,b\n1,2\n1\n', 'csv')).to.deep.equal([
      { line: 2, row: { a: '1', b: '2' } },
      { line: 3, fault: 'has 1 values, and the line of names has 2' },
    ]);
    expect((await rowsOf('[1,{"a":1}]', 'json')).map((row) => 'fault' in row)).to.deep.equal([true, false]);
  });

  it('rejects what breaks off: JSON without an end, a gzip that was cut', async () => {
    expect((await rejection(rowsOf('[{"a":1},{"a"', 'json'))).message).to.not.equal('');
    const whole = {
      ndjson: `${ndjson}\n`.repeat(1_000),
      csv: `a,b\n${'1,2\n'.repeat(1_000)}`,
      json: `[${'{"a":1},'.repeat(1_000)}{}]`,
    };
    for (const format of ['ndjson', 'csv', 'json'] as const) {
      const cut = gzipSync(whole[format]);
      const error = await rejection(rowsOf(cut.subarray(0, cut.length - 20), format));
      expect(error.message, format).to.equal('unexpected end of file');
    }
  });

  it('shows how its fields are taken before it is imported', async () => {
    const path = join(folder, 'export.csv');
    await writeFile(path, 'started,activity,contactId,colour\n2026-03-01 08:00:00,RECEIVED,5,red\n');
    const preview = await previewOf((await openFile(path, 'csv')).rows, 3);
    expect(preview.mapping).to.deep.equal([
      { field: 'started', webhook: 'activityDateTime' },
      { field: 'activity', webhook: 'activityStatus' },
      { field: 'contactId', webhook: 'contactId' },
      { field: 'colour', webhook: null },
    ]);
    expect(preview.lacking).to.deep.equal([]);
    expect(preview.rows).to.deep.equal([
      { activityDateTime: '2026-03-01T08:00:00', activityStatus: 'RECEIVED', contactId: '5', colour: 'red' },
    ]);
  });

  it('is named for what it is', () => {
    expect(['a.ndjson', 'b.jsonl.gz', 'c.JSON', 'd.csv.gz', 'e.tsv', 'f', 'g.xls'].map(formatOf)).to.deep.equal([
      ...['ndjson', 'ndjson', 'json', 'csv', 'csv', null, null],
    ]);
  });
});
