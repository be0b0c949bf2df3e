/** The files of all tests: those that need the machine for themselves, and those that may run beside each other. */
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { inClone } from '../../packages/cli/src/instance/clone.js';

/** They measure time, fill the machine's memory or build the clone that the others run from: beside others they would fail for want of it. */
const alone = [
  'test/integration/bad-input/volume.test.ts',
  'test/integration/follow-up/load.test.ts',
  'test/integration/ingress/contact-answer-speed.test.ts',
  'test/integration/operations/bench.test.ts',
  'test/integration/operations/npm-start.test.ts',
];

/** They take longest, most of it waiting, and begin first, so that none of them is left when the others are done. */
const long = [
  'test/faults/faults.test.ts',
  'test/integration/operations/start-and-stop.test.ts',
  'test/integration/follow-up/worker-process.test.ts',
  'test/integration/queue/durability.test.ts',
  'test/integration/worker/',
  'test/integration/simulate.test.ts',
  'test/integration/follow-up/',
  'test/integration/operations/',
];

export interface TestFiles {
  /** One after the other. */
  alone: string[];
  /** Several at once, long ones first; unit tests come last: they are short, and fill what the others leave. */
  together: string[];
}

/** Paths from the root of the clone. */
export function testFiles(): TestFiles {
  const found = readdirSync(inClone('test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name.replaceAll(sep, '/')}`)
    .sort();
  const gone = [...alone, ...long].filter((place) => !found.some((file) => file.startsWith(place)));
  if (gone.length > 0) throw new Error(`the lists of tests name what is not there: ${gone.join(', ')}`);
  const isAlone = (file: string) => alone.some((place) => file.startsWith(place));
  const order = [...long, 'test/integration/', 'test/faults/', 'test/'];
  const placeOf = (file: string) => order.findIndex((place) => file.startsWith(place));
  return {
    alone: found.filter(isAlone),
    together: found.filter((file) => !isAlone(file)).sort((a, b) => placeOf(a) - placeOf(b)),
  };
}
