import { expect } from 'chai';
import pg from 'pg';
import { holdSourceSettings } from '../../../packages/worker/src/projection/sql/source-settings.js';
import { until } from '../../support/poll.js';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { settleSources } from '../../../packages/worker/src/projection/settle-sources.js';
import { complete } from '../../support/arbitrary-activity.js';
import { expectedRows, type OptIn } from '../../support/oracle.js';
import { batchOfActivities, openDatabase, storedRows, type TestDatabase } from '../../support/projection.js';

const minute = (n: number): number => Date.UTC(2024, 2, 1, 12, n);
const histories: Partial<Activity>[][] = [
  [{ status: 'UNSUBSCRIBED', occurredAt: minute(1) }],
  [{ status: 'SPAM', occurredAt: minute(1) }],
  [
    { status: 'SPAM', occurredAt: minute(1) },
    { status: 'UNSUBSCRIBED', mediaType: 'sms', occurredAt: minute(3) },
  ],
  [{ status: 'SUBSCRIPTION_CHANGED', subscriptions: [], occurredAt: minute(1) }],
];
const choice: Partial<Activity> = { status: 'SUBSCRIPTION_CHANGED', subscriptions: ['news'], occurredAt: minute(2) };

describe('What a choice of subscriptions ends', () => {
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  const settle = (optIn: OptIn) =>
    settleSources(test.database, { main: { tokens: ['t'], timeZone: 'UTC', maxAhead: '1d', optIn, workflows: {} } });

  const activities = histories.flatMap((history, index) =>
    [...history, choice].map((given) => complete({ ...given, contactId: index + 1 })),
  );

  for (const endsUnsubscribed of [true, false])
    for (const endsComplaint of [true, false])
      it(`is as the source is set (unsubscribed ${endsUnsubscribed}, complaint ${endsComplaint}), for old contacts and new ones`, async () => {
        const optIn = { endsUnsubscribed, endsComplaint };
        await settle(optIn);
        await applyBatches(test.database, [batchOfActivities('main', activities)]);
        expect(await storedRows(test.database, 'main')).to.deep.equal(expectedRows(activities, optIn));
      });

  it('is changed only once nobody decides by the old setting any more, so that no contact is missed', async () => {
    await settle({ endsUnsubscribed: true, endsComplaint: false });
    const batch = new pg.Client({ connectionString: test.url });
    await batch.connect();
    await batch.query('begin');
    await holdSourceSettings(batch);
    let settled = false;
    const settling = settle({ endsUnsubscribed: false, endsComplaint: false }).then(() => (settled = true));
    await until('it waits', async () => (await batch.query('select from pg_locks where not granted')).rows.length > 0);
    expect(settled).to.equal(false);
    await batch.query('commit');
    await settling;
    await batch.end();
  });
});
