/** Which room of the packages may import which; see "The house" in docs/architecture.md. */

const worker = 'packages/worker/src';

/** From the top down: a room imports from the floors below it only. Rooms on one floor know nothing of each other. */
export const floors = [
  ['packages/cli/src'],
  ['packages/simulator/src'],
  [`${worker}/main.ts`],
  [`${worker}/run-worker.ts`],
  [
    `${worker}/intake`,
    `${worker}/admin`,
    `${worker}/quarantine`,
    `${worker}/reconcile`,
    `${worker}/contact`,
    `${worker}/history`,
    `${worker}/activity-log`,
  ],
  [`${worker}/worker-configuration.ts`],
  [`${worker}/follow-up`],
  [`${worker}/handlers`, `${worker}/projection`, `${worker}/workflow`],
  [`${worker}/activity`, `${worker}/db`, `${worker}/queue`, 'packages/ingress/src'],
  ['packages/shared/src'],
];

/**
 * The zones of the rule `no-restricted-paths`.
 * @param {string[][]} floors
 */
export function zonesOf(floors) {
  return floors.flatMap((rooms, floor) =>
    rooms.flatMap((target) => {
      const closed = floors.slice(0, floor + 1).flat();
      return closed
        .filter((from) => from !== target)
        .map((from) => ({
          target: `./${target}`,
          from: `./${from}`,
          message: `${target} may import from the floors below it only.`,
        }));
    }),
  );
}
