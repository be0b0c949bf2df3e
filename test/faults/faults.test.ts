/** A short fixed selection of what `npm run faults` does. */
import { expect } from 'chai';
import { needsRedisServer } from '../support/services/redis-server.js';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';
import { storeKinds, type StoreKind } from '../support/stores.js';
import { isClean, describeReport, reportOf } from './report.js';
import { runSeeds, type RunResult } from './run-seeds.js';

/** A rebuild and an erasure that are cut off, everything killed at once, a standby, clocks that jump, lost answers and a misbehaving receiver are among their faults, with libfaketime. */
const seeds = { redis: [5], postgres: [7] };

describe('A cluster that is broken on purpose', function () {
  this.timeout(240_000);
  this.slow(120_000);
  before(needsRedisServer);
  // Both wait most of the time, for locks and limits of time to run out: they do it together.
  const runs = new Map<StoreKind, Promise<RunResult>>();
  before(async () => {
    for (const backend of storeKinds) {
      const run = runSeeds({ backend, seeds: seeds[backend], folder: await makeTemporaryDirectory() });
      run.catch(() => undefined); // its own test tells
      runs.set(backend, run);
    }
  });

  for (const backend of storeKinds)
    it(`loses and doubles nothing, and mends itself (queue on ${backend})`, async () => {
      const report = reportOf(await runs.get(backend)!);
      expect(isClean(report), describeReport(report)).to.be.true;
      expect(report.activities).to.deep.equal({ acknowledged: 2_000, lost: 0, doubled: 0 });
      expect(report.faults).to.be.above(2);
      expect(report.followUps.due).to.be.above(50);
    });
});
