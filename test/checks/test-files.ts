/** The files of all tests, in the order in which they begin: several run at once, and a slow one that began last would be waited for alone. */
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { inClone } from '../../packages/cli/src/instance/clone.js';

/**
 * What takes longest, the slowest first, one that computes beside one that waits. A file that is missing here
 * runs with the others.
 */
const slowest = [
  'test/faults/faults.test.ts',
  'test/integration/follow-up/worker-process.test.ts',
  'test/integration/operations/stuck-worker.test.ts',
  'test/integration/operations/bench.test.ts',
  'test/integration/worker/stop.test.ts',
  'test/integration/operations/npm-start.test.ts',
  'test/integration/operations/start-and-stop.test.ts',
  'test/integration/worker/large-bodies.test.ts',
  'test/integration/worker/worker-death.test.ts',
  'test/integration/queue/durability.test.ts',
  'test/integration/follow-up/breaker.test.ts',
  'test/integration/bad-input/volume.test.ts',
  'test/integration/follow-up/load.test.ts',
  'test/integration/simulate.test.ts',
  'test/integration/follow-up/order.test.ts',
];

/** Paths from the root of the clone; unit tests come last: they are short, and fill what the others leave */
export function testFiles(): string[] {
  const found = readdirSync(inClone('test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name.replaceAll(sep, '/')}`)
    .sort();
  const gone = slowest.filter((file) => !found.includes(file));
  if (gone.length > 0) throw new Error(`the list of slow test files names what is not there: ${gone.join(', ')}`);
  const others = found.filter((file) => !slowest.includes(file));
  const isUnit = (file: string) => file.startsWith('test/unit/');
  return [...slowest, ...others.filter((file) => !isUnit(file)), ...others.filter(isUnit)];
}
