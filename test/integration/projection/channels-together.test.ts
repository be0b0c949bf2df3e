import { expect } from 'chai';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { complete } from '../../support/arbitrary-activity.js';
import { expectedRows } from '../../support/oracle.js';
import { batchOfActivities, createProjector, openDatabase, storedRows, type TestDatabase } from '../../support/projection.js';

describe('Batches that touch one contact through different channels at once', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  it('do not lose each other’s flag, in a hundred attempts', async () => {
    const workers = [test.database, await test.another(), await test.another()].map(
      (database) => createProjector(database).projector,
    );
    const all: Activity[] = [];
    for (let contactId = 1; contactId <= 100; contactId++) {
      const activities = [
        complete({ contactId, mediaType: 'email', status: 'UNDELIVERED', hardBounce: true, statusDescription: 'no such user' }),
        complete({ contactId, mediaType: 'sms', status: 'UNSUBSCRIBED' }),
        complete({ contactId, mediaType: 'webpush', status: 'DELIVERED' }),
      ];
      await Promise.all(workers.map((worker, i) => worker.project([batchOfActivities('main', activities.slice(i, i + 1))])));
      all.push(...activities);
    }
    const stored = await storedRows(test.database, 'main');
    for (const contact of stored.contacts) expect(contact).to.include({ blacklisted: true, unsubscribed: true });
    expect(stored).to.deep.equal(expectedRows(all));
  });
});
