/** `vidhuk quarantine list` and `show`. */
import pc from 'picocolors';
import { countByReason, type ListedRejection, listRejections, prettyJson, readRejection } from '@vidhuk/worker/quarantine';
import { formatTime, formatTimeAndAge } from '../output/age.js';
import { withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { clip, inLine, inLines, print, printAside } from '../output/print.js';
import { filterOf, type FilterOptions } from './quarantine-select.js';
import { formatTable } from '../output/table.js';

export interface ListOptions extends FilterOptions {
  limit: number;
}

export async function listElements(environment: CliEnvironment, options: ListOptions): Promise<void> {
  const filter = { ...filterOf(options), resolved: options.all ?? false };
  const { rows, totals } = await withDatabase(environment, async (dataSource) => ({
    rows: await listRejections(dataSource, filter, options.limit),
    totals: await countByReason(dataSource, filter),
  }));
  if (options.json) {
    print(JSON.stringify(rows));
    return;
  }
  if (totals.length === 0) {
    const filtered = Object.keys(filterOf(options)).length > 0;
    print(filtered ? 'Nothing in the quarantine matches.' : 'The quarantine is empty.');
    return;
  }
  const head = ['id', 'rejected at', 'source', 'reason', 'detail', 'element', ...(options.all ? ['now'] : [])];
  print(
    formatTable(
      head,
      rows.map((row) => [...cellsOf(row), ...(options.all ? [row.resolution ?? 'waits'] : [])]),
      ['id'],
    ),
  );
  const all = totals.reduce((sum, { count }) => sum + Number(count), 0);
  const ofReasons = totals.map(({ reason, count }) => `${reason} ${count}`).join(', ');
  print(`\n${rows.length < all ? `The newest ${rows.length} of ${all}` : `${all} in all`}: ${ofReasons}`);
}

const cellsOf = ({ id, rejectedAt, source, reason, detail, rawStart }: ListedRejection): string[] => [
  String(id),
  formatTime(rejectedAt),
  inLine(source),
  reason,
  clip(detail, 50),
  clip(rawStart, 50),
];

export async function showElement(environment: CliEnvironment, id: number, { json }: { json?: boolean }): Promise<void> {
  const row = await withDatabase(environment, (dataSource) => readRejection(dataSource, id, true));
  if (row === null) {
    printAside(`There is no element ${id} in the quarantine.`);
    process.exitCode = exitCode.negative;
    return;
  }
  if (json) {
    print(JSON.stringify(row));
    return;
  }
  const state = row.resolvedAt === null ? 'it waits' : `${row.resolution ?? 'resolved'} ${formatTimeAndAge(row.resolvedAt)}`;
  print(pc.bold(`${row.id}: ${row.reason}`));
  print(inLine(row.detail));
  print(`source ${inLine(row.source)}, batch ${row.batchId}, position ${row.position}`);
  print(`rejected ${formatTimeAndAge(row.rejectedAt)}, ${state}\n`);
  print(inLines(prettyJson(row.raw)));
}
