import { expect } from 'chai';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOfActivities, openDatabase, type TestDatabase } from '../../support/projection.js';

const minute = (n: number): number => Date.UTC(2024, 2, 1, 12, n);
const through = (address: string, given: Partial<Activity>): Partial<Activity> => ({ address, email: address, ...given });

describe('May we write to this address?', () => {
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  async function mayWrite(address: string): Promise<unknown> {
    const rows = await test.database.query<{ may_write: boolean }[]>(
      `select may_write from vidhuk.address_status where media_type = 'email' and address = $1`,
      [address],
    );
    return rows[0]?.may_write;
  }

  const apply = (...activities: Partial<Activity>[]) =>
    applyBatches(test.database, [
      batchOfActivities(
        'main',
        activities.map((given) => complete(given)),
      ),
    ]);

  it('yes, when all who have it may be written to, whatever its case', async () => {
    await apply(through('Anna@example.com', { contactId: 1 }), through('anna@example.com', { contactId: 2 }));
    expect(await mayWrite('anna@example.com')).to.equal(true);
  });

  it('no, when one of them has opted out', async () => {
    await apply(
      through('two@example.com', { contactId: 3 }),
      through('two@example.com', { contactId: 4, status: 'UNSUBSCRIBED' }),
    );
    expect(await mayWrite('two@example.com')).to.equal(false);
  });

  it('no, when somebody opted out who had it and has another one now, in whatever order that came', async () => {
    const old = through('old@example.com', { contactId: 5, status: 'UNSUBSCRIBED', occurredAt: minute(1) });
    await apply(through('new@example.com', { contactId: 5, occurredAt: minute(2) }));
    await apply(old);
    expect([await mayWrite('old@example.com'), await mayWrite('new@example.com')]).to.deep.equal([false, false]);
  });

  it('no, when a contact of which no channel is known gave up all subscriptions', async () => {
    await apply({ contactId: 6, status: 'SUBSCRIPTION_CHANGED', subscriptions: [], email: 'six@example.com', mediaType: null });
    expect(await mayWrite('six@example.com')).to.equal(false);
  });

  it('names those who have it, each once', async () => {
    await apply(through('whose@example.com', { contactId: 8 }), through('Whose@example.com', { contactId: 7 }));
    const rows = await test.database.query<{ contact_ids: string[] }[]>(
      `select contact_ids from vidhuk.address_status where media_type = 'email' and address = 'whose@example.com'`,
    );
    expect(rows[0]?.contact_ids).to.deep.equal(['7', '8']);
  });

  it('nothing is known of an address that nobody has', async () => {
    expect(await mayWrite('nobody@example.com')).to.equal(undefined);
  });
});
