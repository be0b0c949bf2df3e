import { expect } from 'chai';
import fc from 'fast-check';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { RequestStore } from '../../../packages/worker/src/workflow/store-requests.js';
import type { WorkflowRequest } from '../../../packages/worker/src/workflow/workflow-request.js';
import { silentLog } from '../../support/log-lines.js';
import { openDatabase, type Database, type TestDatabase } from '../../support/projection.js';
import { requestOf } from '../../support/workflow-request.js';

const drawn = fc.record({
  run: fc.option(fc.constantFrom('run-1', 'run-2'), { freq: 4 }),
  hook: fc.constantFrom('order-paid', 'once'),
  n: fc.constantFrom(1, 2),
});

describe('Requests of workflows', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  let cases = 0;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  const storeOf = (database: Database) => new RequestStore(database, new PartitionsOnDemand(database), silentLog());
  const kept = (source: string): Promise<{ id: string; key: string }[]> =>
    test.database.query(
      `select r.id, k.key from vidhuk.workflow_request r left join vidhuk.workflow_request_key k on k.request_id = r.id where source = $1`,
      [source],
    );

  it('are kept once for each identity, in whatever order they come, however often, and however they share transactions', async () => {
    const other = await test.another();
    await fc.assert(
      fc.asyncProperty(
        fc.array(drawn, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 8 }),
        fc.integer({ min: 1, max: 12 }),
        async (given, again, groupSize) => {
          const source = `case-${++cases}`;
          const requests: WorkflowRequest[] = [];
          for (const { run, hook, n } of given)
            requests.push(await requestOf({ source, hook, oncePerRun: hook === 'once', body: { workflowInstanceId: run, n } }));
          // A job may be worked on twice: by a worker that was thought dead, and by another one.
          const jobs = [...requests, ...again.flatMap((index) => requests[index] ?? [])];
          const groups = Array.from({ length: Math.ceil(jobs.length / groupSize) }, (_, nth) =>
            jobs.slice(nth * groupSize, (nth + 1) * groupSize),
          );
          const stores = [storeOf(test.database), storeOf(other)];
          const outcomes = await Promise.all(groups.map(async (group, nth) => (await stores[nth % 2]?.store(group)) ?? []));
          const keys = new Set(requests.map(({ key }) => key));
          const rows = await kept(source);
          expect(rows.map(({ key }) => key)).to.have.members([...keys]);
          expect(outcomes.flat().filter((outcome) => outcome === 'new')).to.have.length.at.least(keys.size);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of an old month get a partition of their own', async () => {
    const request = await requestOf({ source: 'old', receivedAt: '2019-05-31T23:59:59Z' });
    await storeOf(test.database).store([request]);
    const [row]: { home: string }[] = await test.database.query(
      `select tableoid::regclass::text as home from vidhuk.workflow_request where source = 'old'`,
    );
    expect(row?.home).to.equal('vidhuk.workflow_request_2019_05');
  });

  it('that no planner can be asked about are stored all the same, and what the database refused to plan is recorded', async () => {
    const store = storeOf(test.database);
    const refused: string[] = [];
    store.planner = {
      plan: async (client) => {
        await client.query(`select 'no number'::integer`);
        return new Map();
      },
      recordRefused: (_client, { id }, reason) => Promise.resolve(void refused.push(`${id} ${reason}`)),
      announce: () => expect.fail('nothing was planned'),
    };
    const [one, two] = [await requestOf({ source: 'refused' }), await requestOf({ source: 'refused' })];
    expect(await store.store([one, two])).to.deep.equal(['new', 'new']);
    expect(await kept('refused')).to.have.length(2);
    expect(refused.map((line) => line.split(' ')[0])).to.have.members([one.id, two.id]);
    expect(refused[0]).to.include('no number');
  });
});
