import { expect } from 'chai';
import { createLogger } from '../../../packages/shared/src/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { selectRejectionIds } from '../../../packages/worker/src/quarantine/sql/select-rejections.js';
import { Planner } from '../../../packages/worker/src/follow-up/planner.js';
import { resubmit } from '../../../packages/worker/src/quarantine/resubmit.js';
import { fillDatabase } from '../../support/fill-database.js';
import { createDatabase } from '../../support/services/database.js';

describe('one element mended differently by several people at once', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let dataSource: ReturnType<typeof createDataSource>;

  before(async () => {
    database = await createDatabase();
    dataSource = createDataSource(database.url, { name: 'test', poolSize: 6, log: createLogger('test', 'silent') });
    await dataSource.initialize();
  });
  after(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('lands once; the others change nothing and are told', async () => {
    await fillDatabase(database.url, ['broken']);
    const [id = 0] = await selectRejectionIds(dataSource, {});
    const parts = {
      dataSource,
      partitions: new PartitionsOnDemand(dataSource),
      sources: {},
      planner: new Planner([], () => undefined),
    };
    const results = await Promise.all(
      [1, 2, 3, 4, 5].map((contactId) => {
        const element = {
          activityStatus: 'READ',
          activityDateTime: '2026-03-01T10:00:00',
          mediaType: 'email',
          iid: 'a',
          contactId,
        };
        return resubmit({ id, source: 'main' }, JSON.stringify({ ...element, iid: String(contactId) }), parts);
      }),
    );
    expect(results.filter(({ landed }) => landed)).to.have.lengthOf(1);
    const faults = results.flatMap((result) => (result.landed ? [] : result.faults.map(({ reason }) => reason)));
    expect(faults).to.deep.equal(Array(4).fill('resolved-meanwhile'));
    const [{ logged, known }] = await dataSource.query<[{ logged: string; known: string }]>(
      'select (select count(*) from vidhuk.activity) as logged, (select count(*) from vidhuk.contact_status) as known',
    );
    expect([logged, known]).to.deep.equal(['1', '1']);
  });
});
