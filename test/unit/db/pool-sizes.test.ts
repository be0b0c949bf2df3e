import { expect } from 'chai';
import { poolSizes } from '../../../packages/worker/src/db/pool-sizes.js';

describe('The connections of a worker', () => {
  it('are shared out between batches and all others', () => {
    expect(poolSizes({ databaseConnections: 12, maxTransactions: 2 })).to.deep.equal({ ofBatches: 3, ofOthers: 9 });
  });

  it('leave four to others however few there are: reconciling, handlers and feeders would wait for each other', () => {
    expect(poolSizes({ databaseConnections: 4, maxTransactions: 2 })).to.deep.equal({ ofBatches: 3, ofOthers: 4 });
    expect(poolSizes({ databaseConnections: 5, maxTransactions: 4 }).ofOthers).to.equal(4);
  });
});
