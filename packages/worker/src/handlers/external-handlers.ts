/** Handlers from files outside of this repository: whatever is wrong in one stops the boot and says what and where. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigurationError, messageOf } from '@vidhuk/shared';
import type { Handler } from './handler.js';
import { vidhuk } from './kit.js';

/**
 * `paths`: ES modules, relative to `baseDir`. A module exports handlers under any names, or as its default a handler, a list of them, or a function
 * that gets {@link vidhuk} and gives either. A file that has changed since it was last loaded is loaded anew.
 */
export async function loadExternalHandlers(paths: readonly string[], baseDir: string): Promise<Handler[]> {
  const results = await Promise.all(
    paths.map(async (path, index) => {
      try {
        return { handlers: await load(resolve(baseDir, path)), problems: [] };
      } catch (error) {
        return { handlers: [], problems: [`handlers[${index}] (${path}): ${messageOf(error)}`] };
      }
    }),
  );
  const problems = results.flatMap((result) => result.problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return results.flatMap((result) => result.handlers);
}

async function load(file: string): Promise<Handler[]> {
  const { default: main, ...named } = await importFile(file);
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
    throw new Error(describeImportFailure(error), { cause: error });
  }
}

function describeImportFailure(error: unknown): string {
  if (error instanceof SyntaxError) {
    // The first line of such a stack is the place, not the message.
    const line = /^file:.*:(\d+)$/m.exec(error.stack ?? '')?.[1];
    return `is not a valid ES module: ${error.message}${line === undefined ? '' : ` (line ${line})`}`;
  }
  const message = messageOf(error).replaceAll(/\?changed=[\d.]+/g, '');
  const advice = message.includes('@vidhuk/worker')
    ? '; "export default (vidhuk) => vidhuk.defineHandler(…)" needs no import'
    : '';
  return `cannot be loaded: ${message}${advice}`;
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
