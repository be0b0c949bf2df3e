/** The files of all tests, in the order in which they begin: several run at once, and a slow one that began last would be waited for alone. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { inCheckout } from '../checkout.mjs';

/**
 * What takes longest, the slowest first, one that computes beside one that waits. Nothing else depends on this list: a file that is missing here
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

/** Unit tests come last: they are short, and fill what the others leave. */
const folders = ['test/faults', 'test/integration', 'test/unit'];

/** @returns {string[]} paths from the root of the checkout */
export function testFiles() {
  const found = folders.flatMap((folder) =>
    readdirSync(inCheckout(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
      .sort(),
  );
  return [...slowest.filter((file) => found.includes(file)), ...found.filter((file) => !slowest.includes(file))];
}
