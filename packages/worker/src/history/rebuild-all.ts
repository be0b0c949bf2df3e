/** `vidhuk rebuild`: log and projections once more from the bodies that are kept, by the code of the feed, beside the tables; then compared, or put right. */
import type { Configuration, Logger } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { parseBatchInTurns } from '../activity/parse-batch.js';
import { parseContextOf } from '../activity/parse-context.js';
import { inTransaction } from '../db/transaction.js';
import type { Batch } from '../projection/batch.js';
import { Projector } from '../projection/projector.js';
import { rulesVersion } from '../projection/rules.js';
import { holdBatches, latestTombstone } from '../projection/sql/tombstones.js';
import type { Tombstones } from '../projection/tombstones.js';
import { copyBodilessLog } from './copy-bodiless-log.js';
import { oneRetention } from './sql/one-retention.js';
import { dropSecondTables, makeSecondTables, secondSchema } from './second-tables.js';
import { finishFromFloors, seedFromFloors } from './seed-from-floors.js';
import { compareTable, comparedTables, correctTable, type TableDifference } from './sql/compare-tables.js';
import { oneRebuild } from './sql/one-rebuild.js';
import { countBodies, firstId, listMissing, readBodies, type KeptBody } from './sql/kept-bodies.js';

export interface RebuildParts {
  /** Reads and writes the tables as they are. */
  dataSource: DataSource;
  /** Its connections are redirected to the second tables (`redirect` of `second-tables.ts`). */
  second: DataSource;
  sources: Configuration['sources'];
  tombstones: Tombstones;
  log: Logger;
}

interface RebuildProgress {
  /** Elements of bodies. */
  done: number;
  total: number;
}

export interface RebuildSettings {
  /** Only compare. */
  check: boolean;
  /** null: all. */
  source: string | null;
  onProgress: (progress: RebuildProgress) => void;
}

export interface Rebuilt {
  batches: number;
  elements: number;
  /** Batches that brought something and whose body is gone: what they said cannot be made again. */
  gone: number;
  differences: TableDifference[];
  /** Rows that were put right; 0 with `check`. */
  corrected: number;
  /** How long batches had to wait, in ms. */
  pausedMs: number;
}

/** Of bodies and of elements in one transaction, unless one body alone has more: what a worker's usual transactions have, and a little memory. */
const mostBytes = 8 * 2 ** 20;
const mostElements = 4_000;
/** Transactions under way at once. */
const lanes = 2;
/** Batches that came meanwhile: so few are left for the end, when all others wait. */
const fewBatches = 50;

/**
 * One at a time; throws where another is under way. Batches that come in go on meanwhile: those that came are made up for, and at the end all wait for the
 * last ones, and for what is put right. Follow-ups are never planned by it.
 */
export async function rebuildAll(parts: RebuildParts, settings: RebuildSettings): Promise<Rebuilt> {
  const { dataSource } = parts;
  return oneRebuild(dataSource, async () => {
    const rebuilt = await oneRetention(dataSource, () => rebuildKept(parts, settings));
    if (rebuilt === undefined)
      throw new Error('retention is at work right now, and what it takes would be missed: try again later');
    return rebuilt;
  });
}

async function rebuildKept(parts: RebuildParts, settings: RebuildSettings): Promise<Rebuilt> {
  const { dataSource } = parts;
  const { batches, elements, gone } = await countBodies(dataSource, settings.source);
  const erasedBefore = await inTransaction(dataSource, latestTombstone);
  await makeSecondTables(dataSource);
  try {
    await seedFromFloors(parts, secondSchema, settings.source);
    await copyBodilessLog(parts, secondSchema, settings.source);
    await finishFromFloors(parts, secondSchema);
    let done = 0;
    const onDone = (count: number) => settings.onProgress({ done: (done += count), total: elements });
    while ((await makeUp(parts, settings.source, onDone)) > fewBatches);
    const outcome = await inTransaction(dataSource, (client) => finish(client, parts, settings, erasedBefore));
    return { batches, elements, gone, ...outcome };
  } finally {
    await dropSecondTables(dataSource);
  }
}

/** While all batches wait: the last ones, and the comparison. */
async function finish(
  client: ClientBase,
  parts: RebuildParts,
  { check, source }: RebuildSettings,
  erasedBefore: string,
): Promise<Pick<Rebuilt, 'differences' | 'corrected' | 'pausedMs'>> {
  // The second tables may have whoever was erased meanwhile. From here to the commit nobody is.
  if ((await latestTombstone(client)) !== erasedBefore) throw new Error('somebody was erased meanwhile: begin the rebuild again');
  // Compared first without stopping anybody: nearly always nothing differs, and then batches wait for the last comparison only where something did.
  const first = await compareAll(client, source);
  if (first.every(isNone) && check) return { differences: [], corrected: 0, pausedMs: 0 };
  await client.query(`set local idle_in_transaction_session_timeout = 0; set local lock_timeout = '30s'`);
  const since = performance.now();
  await holdBatches(client);
  await makeUp(parts, source, () => undefined);
  const differences = await compareAll(client, source);
  let corrected = 0;
  if (!check) {
    for (const table of comparedTables) corrected += await correctTable(client, table, source);
    if (source === null)
      await client.query('update vidhuk.projection set rules_version = $1, rebuilt_at = now()', [rulesVersion]);
  }
  return { differences: differences.filter((each) => !isNone(each)), corrected, pausedMs: Math.round(performance.now() - since) };
}

async function compareAll(client: ClientBase, source: string | null): Promise<TableDifference[]> {
  const all: TableDifference[] = [];
  for (const table of comparedTables) all.push(await compareTable(client, table, source));
  return all;
}

const isNone = ({ counts }: TableDifference): boolean => Object.values(counts).every((count) => count === 0);

/** Puts all bodies that the second tables do not have through parsing and projection; gives how many that were. */
async function makeUp(parts: RebuildParts, source: string | null, onDone: (elements: number) => void): Promise<number> {
  const { dataSource, second, log, tombstones } = parts;
  const projector = new Projector(second, { ensure: () => Promise.resolve() }, log, undefined, tombstones);
  let batches = 0;
  const project = async (ids: readonly string[]): Promise<void> => {
    const parsed: Batch[] = [];
    for (const body of await readBodies(dataSource, ids)) parsed.push(await parseKept(body, parts.sources));
    await projector.project(parsed);
    batches += parsed.length;
    onDone(parsed.reduce((sum, { total }) => sum + total, 0));
  };
  const underWay: Promise<void>[] = [];
  for await (const ids of groups(dataSource, source)) {
    if (underWay.length >= lanes) await underWay.shift();
    const projected = project(ids);
    projected.catch(() => undefined); // heard of when its turn comes
    underWay.push(projected);
  }
  await Promise.all(underWay);
  return batches;
}

/** Ids of batches, so many together as one transaction takes. */
async function* groups(dataSource: DataSource, source: string | null): AsyncGenerator<string[]> {
  let group = { ids: [] as string[], bytes: 0, elements: 0 };
  for (let after = firstId; ;) {
    const page = await listMissing(dataSource, after, source);
    for (const { id, bytes, total } of page) {
      const isFull = group.bytes + bytes > mostBytes || group.elements + total > mostElements;
      if (isFull && group.ids.length > 0) {
        yield group.ids;
        group = { ids: [], bytes: 0, elements: 0 };
      }
      group = { ids: [...group.ids, id], bytes: group.bytes + bytes, elements: group.elements + total };
    }
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  if (group.ids.length > 0) yield group.ids;
}

/** As it was read when it came, but for the settings, which are today's. Its body is kept where it is, and not once more. */
async function parseKept({ id, source, origin, receivedAt, body }: KeptBody, sources: Configuration['sources']): Promise<Batch> {
  const parsed = await parseBatchInTurns(body, { ...parseContextOf(sources, source, receivedAt.getTime()), stubs: true });
  return { id, source, origin, receivedAt, body: Buffer.alloc(0), ...parsed };
}
