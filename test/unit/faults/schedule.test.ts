import { expect } from 'chai';
import fc from 'fast-check';
import type { ClusterShape } from '../../faults/fault.js';
import { faultKinds } from '../../faults/faults/index.js';
import { scheduleOf } from '../../faults/schedule.js';

const shape = (backend: ClusterShape['backend'], hasAll: boolean): ClusterShape => ({
  ...{ backend, smallDisk: hasAll, wallClocks: hasAll, nameServer: hasAll },
  ingresses: ['ingress-1', 'ingress-2'],
  workers: ['worker-1', 'worker-2', 'worker-3'],
});
const shapes = fc.tuple(fc.constantFrom('redis' as const, 'postgres' as const), fc.boolean()).map((given) => shape(...given));

describe('scheduleOf', () => {
  it('gives the same schedule for the same seed, in order of time, of faults that the cluster has', () => {
    fc.assert(
      fc.property(fc.nat(), shapes, (seed, shape) => {
        const schedule = scheduleOf(seed, faultKinds, shape);
        expect(scheduleOf(seed, faultKinds, shape)).to.deep.equal(schedule);
        expect(schedule).to.deep.equal([...schedule].sort((a, b) => a.atMs - b.atMs));
        for (const { kind, target, forMs } of schedule) {
          const found = faultKinds.find(({ name }) => name === kind)!;
          expect(found.targets(shape)).to.include(target);
          expect(forMs).to.be.within(...(found.forMs as [number, number]));
        }
      }),
    );
  });

  it('comes to every kind of fault within 200 seeds, on either store', () => {
    for (const backend of ['redis', 'postgres'] as const) {
      const seen = new Set<string>();
      for (let seed = 1; seed <= 200; seed++)
        for (const { kind } of scheduleOf(seed, faultKinds, shape(backend, true))) seen.add(kind);
      const possible = faultKinds.filter(({ targets }) => targets(shape(backend, true)).length > 0);
      expect([...seen].sort()).to.deep.equal(possible.map(({ name }) => name).sort());
    }
  });
});
