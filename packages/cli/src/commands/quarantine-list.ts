/** `vidhuk quarantine list` and `show`. */
import pc from 'picocolors';
import {
  countByReason,
  type ListedRejection,
  listRejections,
  prettyJson,
  readRejection,
  type WholeRejection,
} from '@vidhuk/worker/quarantine';
import { formatTimeAndAge, timeCell } from '../output/age.js';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import type { WideOption } from '../options/wide-option.js';
import { answer, answerNo, type AnswerOptions } from '../output/answer.js';
import { clip, inLine, inLines } from '../output/print.js';
import { filterOf, type FilterOptions } from './quarantine-select.js';
import { formatTable } from '../output/table.js';

/** Characters of an element that are shown; more of it helps nobody on a screen. */
const mostShown = 64_000;

export interface ListOptions extends FilterOptions, WideOption {
  limit: number;
}

export async function listElements(environment: CliEnvironment, options: ListOptions): Promise<void> {
  const filter = { ...filterOf(options), resolved: options.all ?? false };
  const { rows, totals } = await withDatabase(environment, async (dataSource) => ({
    rows: await listRejections(dataSource, filter, options.limit),
    totals: await countByReason(dataSource, filter),
  }));
  answer(options, rows, () => describeList(rows, totals, options));
}

function describeList(
  rows: readonly ListedRejection[],
  totals: readonly { reason: string; count: string }[],
  options: ListOptions,
): string {
  if (totals.length === 0) {
    const filtered = Object.keys(filterOf(options)).length > 0;
    return filtered ? 'Nothing in the quarantine matches.' : 'The quarantine is empty.';
  }
  const head = ['id', 'rejected', 'source', 'reason', 'moves a flag', 'detail', 'element', ...(options.all ? ['now'] : [])];
  const table = formatTable(
    head,
    rows.map((row) => [...cellsOf(row, options.wide), ...(options.all ? [row.resolution ?? 'waits'] : [])]),
    { right: ['id'], wide: options.wide ?? false },
  );
  const all = totals.reduce((sum, { count }) => sum + Number(count), 0);
  const ofReasons = totals.map(({ reason, count }) => `${reason} ${count}`).join(', ');
  return `${table}\n\n${rows.length < all ? `${rows.length} of ${all}, what moves a flag first, then the newest` : `${all} in all`}: ${ofReasons}`;
}

const cellsOf = ({ id, rejectedAt, source, reason, movesFlag, detail, rawStart }: ListedRejection, wide = false): string[] => [
  String(id),
  timeCell(rejectedAt, wide),
  inLine(source),
  reason,
  movesFlag ? 'yes' : '',
  wide ? inLine(detail) : clip(detail, 50),
  clip(rawStart, 50),
];

export async function showElement(environment: CliEnvironment, id: number, options: AnswerOptions): Promise<void> {
  const row = await withDatabase(environment, (dataSource) => readRejection(dataSource, id, true));
  if (row === null) {
    answerNo(options, null, `There is no element ${id} in the quarantine.`);
    return;
  }
  // The whole of a giant is what "export" is for.
  answer(options, options.json ? { ...row, raw: row.raw.slice(0, mostShown) } : row, describeElement);
}

function describeElement(row: WholeRejection): string {
  const text = prettyJson(row.raw);
  const rest =
    text.length <= mostShown && row.isWhole
      ? []
      : [
          pc.dim(
            `… ${row.rawBytes} bytes in all${row.isWhole ? ': "vidhuk quarantine export" gives all of them' : ', of which no more is kept'}`,
          ),
        ];
  const state = row.resolvedAt === null ? 'it waits' : `${row.resolution ?? 'resolved'} ${formatTimeAndAge(row.resolvedAt)}`;
  return [
    pc.bold(`${row.id}: ${row.reason}`),
    inLine(row.detail),
    `source ${inLine(row.source)}, batch ${row.batchId}, position ${row.position}`,
    `rejected ${formatTimeAndAge(row.rejectedAt)}, ${state}\n`,
    inLines(text.slice(0, mostShown)),
    ...rest,
  ].join('\n');
}
