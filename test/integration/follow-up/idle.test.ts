import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { actionOf } from '../../support/follow-up/actions.js';
import { Bed } from '../../support/follow-up/bed.js';

describe('Actions with nothing to do', function () {
  this.timeout(60_000);

  it('cost one look at the ledger a second, however many they are', async () => {
    const bed = await Bed.open('redis');
    const other = new pg.Client({ connectionString: bed.stores.databaseUrl });
    try {
      await other.connect();
      await bed.worker(
        Array.from({ length: 20 }, (_, index) => actionOf({ name: `idle-${index}` })),
        { pollMs: 1_000 },
      );
      const transactions = async () => {
        // Connections tell the server of their transactions once they have been idle for a while, or with a later one.
        const { rows } = await other.query<{ count: string }>(
          'select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()',
        );
        return Number(rows[0]?.count);
      };
      await sleep(12_000); // the starts are over, and have been told: idle connections tell after 10 s
      const [before, began] = [await transactions(), performance.now()];
      await sleep(8_000);
      const perSecond = ((await transactions()) - before) / ((performance.now() - began) / 1_000);
      expect(perSecond).to.be.lessThan(5); // 20 actions that look for themselves make 20 and more
    } finally {
      await other.end();
      await bed.close();
    }
  });
});
