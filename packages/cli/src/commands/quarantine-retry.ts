/** `vidhuk quarantine retry`: elements through the pipeline once more, mended or as they are. */
import { messageOf, type Configuration } from '@vidhuk/shared';
import pc from 'picocolors';
import type { DataSource } from 'typeorm';
import type { Activity } from '@vidhuk/worker/activity';
import { Tombstones } from '@vidhuk/worker/erase';
import { PartitionsOnDemand } from '@vidhuk/worker/database';
import { readFile } from 'node:fs/promises';
import {
  type Assignment,
  changeJson,
  prettyJson,
  readRejection,
  type Resubmission,
  resubmit,
  type ResubmitParts,
  setValues,
} from '@vidhuk/worker/quarantine';
import { Planner } from '@vidhuk/worker/follow-up';
import { editText, requireTerminal } from '../edit-text.js';
import { formatTime } from '../output/age.js';
import { withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { loadBesideDatabase } from '../load-configuration.js';
import { answer } from '../output/answer.js';
import { counted } from '../output/plural.js';
import { inLine, print, printAside } from '../output/print.js';
import { readSettings } from '../settings.js';
import { elements, selectElements, type SelectOptions } from './quarantine-select.js';

export interface RetryOptions extends SelectOptions {
  set?: Assignment[];
  edit?: boolean;
  from?: string;
}

export async function retryElements(environment: CliEnvironment, named: readonly number[], options: RetryOptions): Promise<void> {
  if (options.edit) requireTerminal();
  const config = await loadBesideDatabase(environment);
  const mended = options.from === undefined ? undefined : await readMended(options.from);
  if (mended !== undefined && (named.length > 0 || options.all || options.edit || options.set !== undefined))
    throw new Error('--from says which elements, and as what: leave ids, --all, --edit and --set out');
  await withDatabase(environment, async (dataSource) => {
    const wanted = mended === undefined ? named : [...mended.keys()];
    const ids = await selectElements(dataSource, wanted, options, { verb: 'retry', ask: false });
    const warnOf = warnOnce(config.sources);
    // The workers find what is planned here at their next look at the ledger.
    const tooOld = new Map<string, number>();
    const planner = new Planner(config.compiledActions, (work) => {
      for (const [action, count] of work.tooOld) tooOld.set(action, (tooOld.get(action) ?? 0) + count);
    });
    const tombstones = new Tombstones(readSettings(environment).eraseKey);
    const parts = { dataSource, partitions: new PartitionsOnDemand(dataSource), sources: config.sources, planner, tombstones };
    const results: { id: number; result: Resubmission }[] = [];
    for (const id of ids) {
      const result = await retryOne(id, { ...options, mended: mended?.get(id) }, environment, parts, warnOf);
      results.push({ id, result });
      if (!options.json) print(`${id}: ${describe(result)}`);
    }
    const landed = results.filter(({ result }) => result.landed).length;
    answer(options, results, () => (ids.length > 1 ? `\n${landed} of ${elements(ids.length)} landed.` : ''));
    for (const [action, count] of tooOld)
      printAside(
        `"${action}" is not called for ${counted(count, 'activity', 'activities')} that happened too long ago (when: maxAge).`,
      );
    if (landed < results.length) process.exitCode = exitCode.negative;
  });
}

async function retryOne(
  id: number,
  options: RetryOptions & { mended: string | undefined },
  environment: CliEnvironment,
  parts: ResubmitParts & { dataSource: DataSource },
  warnOf: (source: string) => void,
): Promise<Resubmission> {
  const row = await readRejection(parts.dataSource, id, false);
  if (row === null) return { landed: false, faults: [{ reason: 'resolved-meanwhile', detail: 'it does not wait any more' }] };
  warnOf(row.source);
  if (!row.isWhole && options.mended === undefined)
    return {
      landed: false,
      faults: [{ reason: 'not-mended', detail: 'its body is not kept any more, only its beginning: give all of it with --from' }],
    };
  let text = options.mended ?? row.raw;
  try {
    if (options.set !== undefined) text = setValues(text, options.set);
  } catch (error) {
    const detail = `--set cannot be used on it (${messageOf(error)}): use --edit`;
    return { landed: false, faults: [{ reason: 'not-mended', detail }] };
  }
  if (options.edit) text = await editText(prettyJson(text), environment);
  return resubmit(row, text, parts);
}

/** The element of each line of the file, by its id. */
async function readMended(file: string): Promise<Map<number, string>> {
  const mended = new Map<number, string>();
  const lines = (await readFile(file, 'utf8')).split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const where = `${file}, line ${index + 1}`;
    let fields: unknown;
    try {
      fields = JSON.parse(line);
    } catch (error) {
      throw new Error(`${where}: is no JSON (${messageOf(error)}): one line holds one {"id": …, "element": …}`, { cause: error });
    }
    const { id, element } = (typeof fields === 'object' && fields !== null ? fields : {}) as { id?: unknown; element?: unknown };
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || element === undefined)
      throw new Error(`${where}: has to be an object with "id", as in the list, and "element"`);
    if (mended.has(id)) throw new Error(`${where}: element ${id} stands in the file twice`);
    mended.set(id, typeof element === 'string' ? element : elementOf(line, where));
  }
  if (mended.size === 0) throw new Error(`${file}: has no element in it`);
  return mended;
}

/** Its very text, for numbers may be longer than JavaScript's. */
function elementOf(line: string, where: string): string {
  try {
    return changeJson(line, (value) => (value as { element: unknown }).element);
  } catch (error) {
    throw new Error(`${where}: the element cannot be read (${messageOf(error)}): give it as a text`, { cause: error });
  }
}

/** Elements outlive the configuration that they came by. */
function warnOnce(sources: Configuration['sources']): (source: string) => void {
  const warned = new Set<string>();
  return (source) => {
    if (Object.hasOwn(sources, source) || warned.has(source)) return;
    warned.add(source);
    printAside(`The configuration has no source "${source}" any more: its times are taken as UTC.`);
  };
}

/** Of an array that was edited, so many activities are told one by one. */
const told = 20;

function describe(result: Resubmission): string {
  if (!result.landed)
    return `${pc.red('still broken')}, nothing was changed: ${result.faults.map(({ detail }) => inLine(detail)).join('; ')}`;
  const { outcome, activities } = result;
  const count = activities.length > 1 ? ` (${outcome.new} new, ${outcome.duplicate} known)` : '';
  const what = activities.slice(0, told).map(describeActivity);
  if (activities.length > told) what.push(`and ${activities.length - told} more`);
  return `${pc.green(outcome.new > 0 ? 'landed' : 'was in the log already')}${count}: ${what.join('; ')}`;
}

const describeActivity = ({ status, mediaType, contactId, occurredAt }: Activity): string =>
  `${inLine(status)}${mediaType === null ? '' : ` ${inLine(mediaType)}`} of ${contactId === null ? 'nobody known' : `contact ${contactId}`} at ${formatTime(new Date(occurredAt))}`;
