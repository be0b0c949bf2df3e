/** A short fixed selection of what `npm run faults` does. */
import { expect } from 'chai';
import { needsRedisServer } from '../support/services/redis-server.js';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';
import { storeKinds } from '../support/stores.js';
import { isClean, describeReport, reportOf } from './report.js';
import { runSeeds } from './run-seeds.js';

/** Everything killed at once, a full disk, a frozen process, lost commits and a misbehaving receiver are among their faults. */
const seeds = { redis: [1, 8], postgres: [1, 2] };

describe('A cluster that is broken on purpose', function () {
  this.timeout(240_000);
  this.slow(120_000);
  before(needsRedisServer);

  for (const backend of storeKinds)
    it(`loses and doubles nothing, and mends itself (queue on ${backend})`, async () => {
      const result = await runSeeds({ backend, seeds: seeds[backend], folder: await makeTemporaryDirectory() });
      const report = reportOf(result);
      expect(isClean(report), describeReport(report)).to.be.true;
      expect(report.activities).to.deep.equal({ acknowledged: 4_000, lost: 0, doubled: 0 });
      expect(report.faults).to.be.above(4);
      expect(report.followUps.due).to.be.above(100);
    });
});
