/** Handlers from files outside of this repository: whatever is wrong in one is told with what and where. */
import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { messageOf } from '@vidhuk/shared';
import type { Handler } from './handler.js';
import { vidhuk } from './kit.js';

/**
 * `paths`: ES modules, relative to `baseDir`. A module exports handlers under any names, or as its default a handler, a list of them, or a function
 * that gets {@link vidhuk} and gives either. A file that has changed since it was last loaded is loaded anew, what it imports is not; one that has
 * not gives the same handlers again. `problems` names each file that gives none.
 */
export async function loadExternalHandlers(
  paths: readonly string[],
  baseDir: string,
): Promise<{ handlers: Handler[]; problems: string[] }> {
  const results = await Promise.all(
    paths.map(async (path, index) => {
      try {
        return { handlers: await load(resolve(baseDir, path)), problems: [] };
      } catch (error) {
        return { handlers: [], problems: [`handlers[${index}] (${path}): ${messageOf(error)}`] };
      }
    }),
  );
  return {
    handlers: results.flatMap(({ handlers }) => handlers),
    problems: results.flatMap(({ problems }) => problems),
  };
}

/** By module: a reload tells by them whether an action's handler is another. */
const loaded = new WeakMap<object, Handler[]>();

async function load(file: string): Promise<Handler[]> {
  const module = await importFile(file);
  const handlers = loaded.get(module) ?? (await handlersOf(module));
  loaded.set(module, handlers);
  return handlers;
}

async function handlersOf({ default: main, ...named }: Readonly<Record<string, unknown>>): Promise<Handler[]> {
  const handlers = [...(await handlersOfDefault(main))];
  for (const [name, value] of Object.entries(named)) {
    if (isHandler(value)) handlers.push(value);
    else if (isDefinition(value)) throw new Error(`its export "${name}" is no handler yet: pass the object to defineHandler`);
  }
  const unique = [...new Set(handlers)];
  if (unique.length === 0) throw new Error('exports no handler: export what defineHandler gives');
  return unique;
}

async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(file);
  try {
    // Node keeps a module for ever; another query is another module.
    url.search = `changed=${(await stat(file)).mtimeMs}`;
  } catch (error) {
    throw new Error(`there is no such file (looked for ${file})`, { cause: error });
  }
  try {
    return (await import(url.href)) as Record<string, unknown>;
  } catch (error) {
    throw new Error(await describeImportFailure(file, error), { cause: error });
  }
}

async function describeImportFailure(file: string, error: unknown): Promise<string> {
  if (error instanceof SyntaxError) {
    const line = await lineOfSyntaxError(file);
    return `is not a valid ES module: ${error.message}${line === null ? '' : ` (line ${line})`}`;
  }
  const message = messageOf(error).replaceAll(/\?changed=[\d.]+/g, '');
  const advice = message.includes('@vidhuk/worker')
    ? '; "export default (vidhuk) => vidhuk.defineHandler(…)" needs no import'
    : '';
  return `cannot be loaded: ${message}${advice}`;
}

/** The error does not tell it, Node's own check does; null when the fault is in a file that this one imports. */
async function lineOfSyntaxError(file: string): Promise<string | null> {
  const child = spawn(process.execPath, ['--check', '--input-type=module', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.on('error', () => undefined); // it may end before it has read all
  child.stdin.end(await readFile(file));
  return /^\[stdin\]:(\d+)$/m.exec(await text(child.stderr))?.[1] ?? null;
}

async function handlersOfDefault(main: unknown): Promise<Handler[]> {
  if (main === undefined) return [];
  const isFunction = typeof main === 'function';
  const made: unknown = isFunction ? await attempt(() => Reflect.apply(main, undefined, [vidhuk])) : main;
  const list: unknown[] = Array.isArray(made) ? made : [made];
  const handlers = list.filter(isHandler);
  if (handlers.length === list.length) return handlers;
  const where = isFunction ? 'what its default export returns' : 'its default export';
  throw new Error(`${where} is neither a handler nor a list of handlers: defineHandler gives one`);
}

async function attempt(main: () => unknown): Promise<unknown> {
  try {
    return await main();
  } catch (error) {
    throw new Error(`its default export threw: ${messageOf(error)}`, { cause: error });
  }
}

export function isHandler(value: unknown): value is Handler {
  return isDefinition(value) && 'bind' in value && typeof value.bind === 'function';
}

function isDefinition(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'name' in value && 'params' in value;
}
