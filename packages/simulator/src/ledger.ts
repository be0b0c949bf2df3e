/**
 * The ledger: what the receiver has acknowledged, written by the sender and compared with the database afterwards. One JSON line per
 * batch, and one for the requests of the runs in it, appended only after the 200, so that whatever stands in it must be in the database. The texts are exactly those sent.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type BrokenKind, BROKEN_KINDS } from './broken.js';
import type { GeneratedBatch } from './generate.js';
import type { RunRequest } from './run-requests.js';

/** One line of the ledger. */
export interface LedgerEntry {
  /** When it was written (ISO 8601, UTC). */
  at: string;
  source: string;
  /** False for a batch that was under way when the sender stopped: the receiver may have stored it or not. */
  acknowledged: boolean;
  /** The exact text of each element. */
  elements: string[];
  /** Kind by position of the elements that must be in quarantine. */
  broken: Partial<Record<string, BrokenKind>>;
  /** Requests of the block "Webhook", one for each run; such a line has no elements. */
  requests?: RunRequest[];
}

/** The ledger cannot be read, or a line of it is not what was written. */
export class LedgerError extends Error {
  override name = 'LedgerError';
}

/** Appends to a ledger file. */
export class LedgerWriter {
  readonly #file: FileHandle;
  readonly #source: string;

  private constructor(file: FileHandle, source: string) {
    this.#file = file;
    this.#source = source;
  }

  /** Creates the file; throws LedgerError when it exists already (another run's truth), unless told to append. */
  static async open(path: string, { source, append = false }: { source: string; append?: boolean }): Promise<LedgerWriter> {
    try {
      return new LedgerWriter(await open(path, append ? 'a' : 'ax'), source);
    } catch (error) {
      throw new LedgerError(`cannot write the ledger ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Resolves once the operating system has the line: a crash of this process loses nothing of it. */
  async write(batch: GeneratedBatch, acknowledged: boolean): Promise<void> {
    const broken: LedgerEntry['broken'] = {};
    batch.elements.forEach((element, position) => {
      if (element.broken) broken[position] = element.broken;
    });
    const elements = batch.elements.map(({ text }) => text);
    await this.#append({ acknowledged, elements, broken });
  }

  /** As {@link write}, of requests; nothing where there are none. */
  async writeRequests(requests: RunRequest[], acknowledged: boolean): Promise<void> {
    if (requests.length > 0) await this.#append({ acknowledged, elements: [], broken: {}, requests });
  }

  async #append(line: Omit<LedgerEntry, 'at' | 'source'>): Promise<void> {
    const entry: LedgerEntry = { at: new Date().toISOString(), source: this.#source, ...line };
    await this.#file.appendFile(`${JSON.stringify(entry)}\n`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Reads a ledger line by line: no more than one batch is in memory. Throws LedgerError with the line's number. */
export async function* readLedger(path: string): AsyncGenerator<LedgerEntry, void> {
  let number = 0;
  for await (const line of readLines(path)) yield parseEntry(line, `${path}, line ${++number}`);
}

/** Splits at line feeds only: `node:readline` also splits at U+2028, which JSON text may contain. */
async function* readLines(path: string): AsyncGenerator<string, void> {
  let pending: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        pending.push(chunk.subarray(from, end));
        yield Buffer.concat(pending).toString('utf8');
        pending = [];
        from = end + 1;
      }
      if (from < chunk.length) pending.push(chunk.subarray(from));
    }
  } catch (error) {
    throw new LedgerError(`cannot read the ledger ${path}: ${reasonOf(error)}`, { cause: error });
  }
  if (pending.length > 0) throw new LedgerError(`the last line of the ledger ${path} is cut off`);
}

function parseEntry(line: string, where: string): LedgerEntry {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch (error) {
    throw new LedgerError(`${where}: not JSON`, { cause: error });
  }
  if (!isEntry(entry)) throw new LedgerError(`${where}: not a ledger entry`);
  return entry;
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { at, source, acknowledged, elements, broken, requests = [] }: Partial<Record<string, unknown>> = { ...value };
  if (!Array.isArray(requests) || !requests.every(isRequest)) return false;
  if (typeof at !== 'string' || typeof source !== 'string' || typeof acknowledged !== 'boolean') return false;
  if (!Array.isArray(elements) || !elements.every((element) => typeof element === 'string')) return false;
  if (typeof broken !== 'object' || broken === null) return false;
  const kinds: readonly unknown[] = BROKEN_KINDS;
  return Object.values(broken).every((kind) => kinds.includes(kind));
}

function isRequest(value: unknown): value is RunRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { hook, workflowInstanceId, body }: Partial<Record<string, unknown>> = { ...value };
  return [hook, workflowInstanceId, body].every((text) => typeof text === 'string');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EEXIST') return 'it exists already (remove it, or append to it)';
  return error.message;
}
