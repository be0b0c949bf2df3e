/** What a fault of PostgreSQL is worth: it strikes sessions as Vidhuk has them, which say for themselves how they want to be. */
import { expect } from 'chai';
import pg from 'pg';
import { Random } from '../../packages/simulator/src/random.js';
import { rejection } from '../support/poll.js';
import { batchOf, createProjector, openDatabase } from '../support/projection.js';
import type { Cluster } from './cluster.js';
import { faultKinds } from './faults/index.js';

describe('the fault "PostgreSQL turned read-only"', () => {
  it('keeps every batch out while it lasts, and none after it', async () => {
    const test = await openDatabase();
    const { projector } = createProjector(test.database);
    const withClient: Cluster['withClient'] = async (work) => {
      const client = new pg.Client({ connectionString: test.url });
      await client.connect();
      return work(client).finally(() => client.end());
    };
    const opened = [
      { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', mediaType: 'email', contactId: 1, iid: 'i' },
    ];
    const cluster: Pick<Cluster, 'withClient'> = { withClient };
    const kind = faultKinds.find(({ name }) => name === 'PostgreSQL turned read-only')!;
    const heal = await kind.strike(cluster as Cluster, 'postgres', new Random(1));
    expect(await rejection(projector.project([batchOf(opened)])))
      .to.have.property('message')
      .that.includes('read-only');
    await heal();
    expect(await projector.project([batchOf(opened)])).to.deep.equal([{ new: 1, duplicate: 0, rejected: 0 }]);
    await test.drop();
  });
});
