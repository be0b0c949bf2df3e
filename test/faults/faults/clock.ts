/** Wall clocks that jump, of one process or of all, while the stores' stay right. */
import { processesOf, type FaultKind } from '../fault.js';

const furthestMs = 2 * 3_600_000;
const everybody = 'all processes';

export const clockFaults: FaultKind[] = ([1, -1] as const).map((sign) => ({
  name: sign > 0 ? 'clock jumps ahead and back' : 'clock jumps back and ahead',
  weight: 0.75,
  forMs: [300, 3_000],
  targets: (shape) => (shape.wallClocks ? [...processesOf(shape), everybody] : []),
  strike(cluster, target, random) {
    const clocks = (target === everybody ? processesOf(cluster.shape) : [target]).map((name) => cluster.clock(name));
    const setAll = (offsetMs: number): void => {
      for (const clock of clocks) clock.set(offsetMs);
    };
    setAll(sign * random.integer(1_000, furthestMs));
    return Promise.resolve(() => {
      setAll(0);
      return Promise.resolve();
    });
  },
}));
