/** The handlers that actions may name. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigurationError } from '@vidhuk/shared';
import type { Handler } from './handler.js';

/** By name; two of one name are a {@link ConfigurationError}. */
export function createRegistry(handlers: readonly Handler[]): ReadonlyMap<string, Handler> {
  const registry = new Map<string, Handler>();
  for (const handler of handlers) {
    if (registry.has(handler.name)) throw new ConfigurationError([`there are two handlers named "${handler.name}"`]);
    registry.set(handler.name, handler);
  }
  return registry;
}

export async function loadExternalHandlers(paths: readonly string[], baseDir: string): Promise<Handler[]> {
  const handlers: Handler[] = [];
  for (const path of paths) {
    const module = (await import(pathToFileURL(resolve(baseDir, path)).href)) as Record<string, Handler>;
    handlers.push(...Object.values(module));
  }
  return handlers;
}
