/** What bodies alone tell goes into the floors with the bodies, by the times of the log. */
import { expect } from 'chai';
import { parseConfiguration } from '../../../packages/shared/src/index.js';
import { retain } from '../../../packages/worker/src/history/retention.js';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';

describe('Names of bodies that go', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  it('keep the time that the log has, though the time zone of the source is another by now', async () => {
    const { projector } = createProjector(test.database);
    const activity = { activityDateTime: '2026-05-10T23:30:00', activityStatus: 'READ', mediaType: 'email', contactId: 1 };
    const received = { receivedAt: new Date('2026-05-11T00:00:00Z') };
    await projector.project([batchOf([{ ...activity, email: 'ann@example.com', iid: 'a' }], received)]);
    const { retention, sources } = parseConfiguration(
      'sources: { main: { tokens: [token-of-tests], timeZone: Europe/Kyiv } }\nretention: { bodies: 60d }',
      'x.yaml',
      {},
    );
    const now = new Date('2026-11-30T12:00:00Z');
    const gone = await retain(test.database, { retention, sources }, { now, signal: new AbortController().signal });
    expect(gone).to.deep.include({ 'bodies of batches': 1 });
    const at = new Date('2026-05-10T23:30:00Z');
    expect(await test.database.query('select email, email_at as at from vidhuk.contact_floor')).to.deep.equal([
      { email: 'ann@example.com', at },
    ]);
    expect(await test.database.query('select address, address_at as at from vidhuk.contact_channel_floor')).to.deep.equal([
      { address: 'ann@example.com', at },
    ]);
  });
});
