/** The handlers that actions may name. */
import { ConfigurationError } from '@vidhuk/shared';
import type { Handler } from './handler.js';

export { loadExternalHandlers } from './external-handlers.js';

/** By name; two of one name are a {@link ConfigurationError}. */
export function createRegistry(handlers: readonly Handler[]): ReadonlyMap<string, Handler> {
  const registry = new Map<string, Handler>();
  const problems: string[] = [];
  for (const handler of handlers) {
    const other = registry.get(handler.name);
    if (other === undefined) registry.set(handler.name, handler);
    else
      problems.push(
        `handlers: two are named "${handler.name}", one that "${other.description}" and one that "${handler.description}": rename one`,
      );
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return registry;
}
