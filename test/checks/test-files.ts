/** The files of all tests: those that need the machine for themselves, and those that may run beside each other. */
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { inClone } from '../../packages/cli/src/instance/clone.js';

/** They start whole clusters, measure time or load a core: beside others they would fail for want of the machine. A folder stands for its files. */
const alone = [
  'test/faults/',
  'test/integration/bad-input/',
  'test/integration/follow-up/',
  'test/integration/operations/',
  'test/integration/queue/',
  'test/integration/worker/',
  'test/integration/simulate.test.ts',
];

export interface TestFiles {
  /** One after the other. */
  alone: string[];
  /** Several at once; unit tests come last: they are short, and fill what the others leave. */
  together: string[];
}

/** Paths from the root of the clone. */
export function testFiles(): TestFiles {
  const found = readdirSync(inClone('test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name.replaceAll(sep, '/')}`)
    .sort();
  const gone = alone.filter((place) => !found.some((file) => file.startsWith(place)));
  if (gone.length > 0) throw new Error(`the list of tests that run alone names what is not there: ${gone.join(', ')}`);
  const runsAlone = (file: string) => alone.some((place) => file.startsWith(place));
  const isUnit = (file: string) => file.startsWith('test/unit/');
  const others = found.filter((file) => !runsAlone(file));
  return {
    alone: found.filter(runsAlone),
    together: [...others.filter((file) => !isUnit(file)), ...others.filter(isUnit)],
  };
}
