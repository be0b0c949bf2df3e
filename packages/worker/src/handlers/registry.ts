/** The handlers that actions may name. */
import type { Handler } from './handler.js';

/** By name; of two of one name, which is a problem, the first. */
export function createRegistry(handlers: readonly Handler[]): { registry: ReadonlyMap<string, Handler>; problems: string[] } {
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
  return { registry, problems };
}
