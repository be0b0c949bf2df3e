/** How this command line is called where its words are read: `npx vidhuk` in a clone, `vidhuk` in the image or when it is installed. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';

/** Only a clone has the sources beside what was built of them; the image has no npm either that could start anything. */
export const isClone = (): boolean => existsSync(new URL('../../src', import.meta.url));

/** `script` is what Node was started with: a link of the name itself lies on the PATH, unless npm made it for this folder. */
export function commandName(script = process.argv[1] ?? ''): string {
  const linked = basename(script) === 'vidhuk' && !script.includes('node_modules');
  return linked || !isClone() ? 'vidhuk' : 'npx vidhuk';
}

/** A text of ours in which command lines are written `vidhuk …`, in the form that works here. */
export function asTyped(text: string): string {
  return text.replace(/(?<![\w./@-]|npx )vidhuk (?=[a-z<[-])/g, () => `${commandName()} `);
}
