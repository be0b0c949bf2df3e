import { expect } from 'chai';
import fc from 'fast-check';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOfActivities, openDatabase, type TestDatabase } from '../../support/projection.js';

/** What a road may leave out, or cut. */
const told = fc.record({
  hardBounce: fc.boolean(),
  statusDescription: fc.option(fc.constantFrom('5.1.1', '5.1.1 (no such user)', '5.1.2 (no such host)')),
  messageId: fc.option(fc.constant(5)),
  broadcastId: fc.option(fc.constant(7)),
  workflowId: fc.option(fc.constant(9)),
  workflowInstanceId: fc.option(fc.constantFrom('run-1', 'run-12')),
  messageInstanceId: fc.option(fc.constant(11)),
});

describe('One activity by several roads', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  let cases = 0;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  async function logged(source: string): Promise<unknown[]> {
    return test.database.query(
      `select status, hard_bounce, status_description, message_id, broadcast_id, workflow_id, workflow_instance_id, message_instance_id
       from vidhuk.activity where source = $1`,
      [source],
    );
  }

  it('is one row of the log, the union of what they told, in whatever order and however they share transactions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(told, { minLength: 2, maxLength: 5 }), fc.boolean(), async (roads, together) => {
        const rowsOf = async (order: typeof roads) => {
          const source = `case-${++cases}`;
          const batches = order.map((road) =>
            batchOfActivities(source, [complete({ ...(road as Partial<Activity>), source, iid: 'i', status: 'UNDELIVERED' })]),
          );
          if (together) await applyBatches(test.database, batches);
          else for (const batch of batches) await applyBatches(test.database, [batch]);
          return logged(source);
        };
        const rows = await rowsOf(roads);
        expect(rows).to.have.lengthOf(1);
        expect(rows[0]).to.include({ hard_bounce: roads.some(({ hardBounce }) => hardBounce) });
        const longest = Math.max(...roads.map(({ statusDescription }) => statusDescription?.length ?? 0));
        expect((rows[0] as { status_description: string | null }).status_description?.length ?? 0).to.equal(longest);
        expect(await rowsOf(roads.toReversed())).to.deep.equal(rows);
      }),
      { numRuns: 40 },
    );
  });
});
