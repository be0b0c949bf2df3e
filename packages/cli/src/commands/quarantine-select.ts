/** Which elements a command of `vidhuk quarantine` is about. */
import type { DataSource } from 'typeorm';
import { selectRejectionIds, type RejectionFilter } from '@vidhuk/worker/quarantine';
import { confirm } from '../output/confirm.js';
import { exitCode } from '../environment.js';
import { counted } from '../output/plural.js';
import { printAside } from '../output/print.js';

export interface FilterOptions {
  source?: string;
  reason?: string;
  /** Of the last so many ms. */
  since?: number;
  all?: boolean;
  json?: boolean;
}

export interface SelectOptions extends FilterOptions {
  yes?: boolean;
}

export const filterOf = ({ source, reason, since }: FilterOptions): RejectionFilter => ({
  ...(source === undefined ? {} : { source }),
  ...(reason === undefined ? {} : { reason }),
  ...(since === undefined ? {} : { since: new Date(Date.now() - since) }),
});

export const elements = (count: number): string => counted(count, 'element');

/**
 * The ids of those that wait, oldest first, after the question that is asked first; none when the answer was no or nothing matches, which has
 * been told then. `ask` is whether to ask even about elements that were named by their ids.
 */
export async function selectElements(
  dataSource: DataSource,
  named: readonly number[],
  options: SelectOptions,
  { verb, ask }: { verb: 'retry' | 'discard'; ask: boolean },
): Promise<number[]> {
  if (named.length === 0 && !options.all)
    throw new Error(
      `say which: ids, or --all with --reason, --source or --since ("vidhuk quarantine ${verb} --help" has examples)`,
    );
  const ids = await selectRejectionIds(dataSource, { ...filterOf(options), ...(named.length > 0 ? { ids: named } : {}) });
  const absent = [...new Set(named)].filter((id) => !ids.includes(id));
  if (absent.length > 0) printAside(`${absent.join(', ')}: no such element waits in the quarantine.`);
  else if (ids.length === 0) printAside('Nothing in the quarantine matches.');
  if (absent.length > 0 || ids.length === 0) process.exitCode = exitCode.negative;
  if (ids.length === 0) return [];
  const question = `${verb === 'retry' ? 'Resubmit' : 'Discard'} ${elements(ids.length)}?`;
  if ((named.length > 0 && !ask) || (await confirm(question, options.yes))) return ids;
  printAside(`Nothing was changed: ${elements(ids.length)} would be ${past[verb]}; say --yes to do it.`);
  process.exitCode = exitCode.negative;
  return [];
}

const past = { retry: 'resubmitted', discard: 'discarded' };
