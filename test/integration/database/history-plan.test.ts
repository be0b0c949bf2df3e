import { expect } from 'chai';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOfActivities, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';

describe('The history of one contact', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
    const { projector } = createProjector(test.database);
    for (let month = 0; month < 6; month++) {
      const activities = Array.from({ length: 1_500 }, (_, n) =>
        complete({ contactId: n % 300, iid: String(n), occurredAt: Date.UTC(2023, month, 1 + (n % 28)) }),
      );
      await projector.project([batchOfActivities('main', activities)]);
    }
    await test.database.query('analyze vidhuk.activity');
  });
  after(() => test.drop());

  const planOf = async (sql: string): Promise<string> => {
    const rows: Record<string, string>[] = await test.database.query(`explain ${sql}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };

  it('is found by the index of each month', async () => {
    const plan = await planOf(`select * from vidhuk.activity where contact_id = 7 order by occurred_at desc limit 20`);
    expect(plan)
      .to.match(/Index Scan (using|on) activity_2023_01_contact_id_occurred_at_idx/)
      .and.not.to.match(/Seq Scan on activity_2023/);
  });

  it('looks at the months in question only', async () => {
    const plan = await planOf(
      `select * from vidhuk.activity where contact_id = 7 and occurred_at >= '2023-03-01Z' and occurred_at < '2023-04-01Z'`,
    );
    const months = new Set(plan.match(/activity_(\d{4}_\d{2}|default)(?=\b|_)/g));
    expect([...months]).to.deep.equal(['activity_2023_03']);
  });
});
