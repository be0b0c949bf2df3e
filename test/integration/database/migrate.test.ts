import { expect } from 'chai';
import { connect } from '../../../packages/worker/src/db/connect.js';
import { createDataSource, migrations } from '../../../packages/worker/src/db/data-source.js';
import { migrate } from '../../../packages/worker/src/db/migrate.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { silentLog } from '../../support/log-lines.js';
import { rejection } from '../../support/poll.js';

describe('vidhuk migrate', function () {
  this.timeout(60_000);
  let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
  beforeEach(async () => {
    empty = await createEmptyDatabase();
  });
  afterEach(() => empty.drop());

  it('succeeds eight times at once on an empty database, and each migration is applied once', async () => {
    const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(empty.url, empty.url)));
    expect(applied.flat()).to.deep.equal(migrations.map(({ name }) => name));
    expect(await migrate(empty.url, empty.url)).to.deep.equal([]);
  });

  it('leaves the queue’s schema out where the queue is on Redis', async () => {
    await migrate(empty.url, 'redis://127.0.0.1:1');
    const dataSource = createDataSource(empty.url, { name: 'test', poolSize: 1, log: silentLog() });
    await connect(dataSource);
    const schemas: unknown = await dataSource.query(`select nspname from pg_namespace where nspname in ('vidhuk', 'bullmq')`);
    await dataSource.destroy();
    expect(schemas).to.deep.equal([{ nspname: 'vidhuk' }]);
  });

  it('lets in a worker that was started before it', async () => {
    const dataSource = createDataSource(empty.url, { name: 'test', poolSize: 1, log: silentLog() });
    for (let attempt = 1; attempt <= 3; attempt++)
      expect((await rejection(connect(dataSource))).message).to.include('run "vidhuk migrate"');
    await migrate(empty.url, empty.url);
    await connect(dataSource);
    await dataSource.destroy();
  });
});
