/** A file of an alternative is two things: imported, it is a contestant; started as a process of its own, it is that contestant's ingress or worker. */
import { fileURLToPath } from 'node:url';
import type { Contestant } from '../contestant.js';
import type { Alternative } from './alternative.js';
import { endWith } from './end-with.js';
import { openEntry } from './entry.js';
import { runProcess } from './process.js';

/** `moduleUrl` is the `import.meta.url` of the file. */
export function defineAlternative(moduleUrl: string, alternative: Alternative): Contestant & Pick<Alternative, 'activities'> {
  if (process.argv[1] === fileURLToPath(moduleUrl)) runProcess(alternative, process.argv.slice(2)).catch(endWith);
  const { name, activities } = alternative;
  return { name, activities, open: (stores) => openEntry(moduleUrl, alternative, stores) };
}
