import { expect } from 'chai';
import type { DataSource } from 'typeorm';
import { countActivities, countWidgets } from '../../../packages/worker/src/activity-log/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { fillDatabase } from '../../support/fill-database.js';
import { silentLog } from '../../support/log-lines.js';
import { createDatabase } from '../../support/services/database.js';

const batches = 3;
const views = (batch: number) =>
  Array.from({ length: 400 }, (_, nth) => ({
    activityDateTime: '2026-03-10T08:00:00',
    activityStatus: 'READ',
    mediaType: 'widget',
    iid: `${batch}-${nth}`,
    messageId: 5,
    messageName: 'Spring',
  }));

describe('Figures of the log', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let source: DataSource;
  before(async () => {
    database = await createDatabase();
    for (let batch = 0; batch < batches; batch++) await fillDatabase(database.url, [JSON.stringify(views(batch))]);
    source = createDataSource(database.url, { name: 'test', poolSize: 1, log: silentLog() });
    await source.initialize();
    await source.query(`set track_functions = 'all'`);
  });
  after(async () => {
    await source.destroy();
    await database.drop();
  });

  /** How often the server has taken a body apart since the last look. */
  async function parsed(): Promise<number> {
    await source.query('select pg_stat_force_next_flush()');
    const [row] = await source.query<{ calls: number }[]>(
      `select coalesce(sum(calls), 0)::integer as calls from pg_stat_user_functions where funcname = 'elements_of'`,
    );
    return row?.calls ?? 0;
  }

  it('parse each body once, also before the server knows anything of the tables', async () => {
    const [of, bounds] = [{ since: new Date('2026-03-01') }, { limit: 10, timeoutMs: 20_000 }];
    const none = await parsed();
    const [widget] = await countWidgets(source, of, bounds);
    expect(widget).to.include({ views: batches * 400, messageName: 'Spring' });
    const afterWidgets = await parsed();
    expect(afterWidgets - none).to.equal(batches);
    expect((await countActivities(source, of, ['message-name'], bounds)).total).to.equal(batches * 400);
    expect((await parsed()) - afterWidgets).to.equal(batches);
  });
});
