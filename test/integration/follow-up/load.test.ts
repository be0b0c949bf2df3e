import { expect } from 'chai';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../../../packages/shared/src/index.js';
import { followUpQueueName } from '../../../packages/worker/src/follow-up/action-runner.js';
import { actionsOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { sendRedis, storeKinds } from '../../support/stores.js';

/** By hand: `VIDHUK_LOAD_ROWS=100000 npx mocha test/integration/follow-up/load.test.ts` shows the figures. */
const rows = Number(process.env.VIDHUK_LOAD_ROWS ?? 4_000);
const show = (line: string) => process.env.VIDHUK_LOAD_ROWS !== undefined && process.stdout.write(`      ${line}\n`);
/** Half of them tell the middle, which is what is judged; by hand p99 is shown too. */
const samples = process.env.VIDHUK_LOAD_ROWS === undefined ? 25 : 80;

for (const kind of storeKinds) {
  describe(`${rows} rows that wait for a dead endpoint (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    it('delay no other action, and take no more than a window’s room in the queue', async () => {
      const dead = recorder(() => Promise.reject(new UnavailableError('503')), { name: 'dead' });
      const began = new Map<string, number>();
      const well = recorder(([given]) => void began.set(given!.key, performance.now()), { name: 'well' });
      const actions = actionsOf(
        [
          { name: 'dead', run: 'dead', when: { status: 'READ' } },
          { name: 'well', run: 'well', when: { status: 'CLICKED' } },
        ],
        [dead.handler, well.handler],
      );
      const { plan } = await bed.worker(actions, { pollMs: 1_000 });
      /** ms from the commit of a batch to its call, sorted. */
      const measure = async (): Promise<number[]> => {
        const delays: number[] = [];
        for (let sample = 0; sample < samples; sample++) {
          const one = activity({ status: 'CLICKED', contactId: sample + 1 });
          await plan(actions, [one]);
          const planned = performance.now();
          while (!began.has(one.key)) await sleep(1);
          delays.push(Math.max(0, began.get(one.key)! - planned));
        }
        return delays.sort((a, b) => a - b);
      };
      const memory = async () => {
        if (kind === 'redis') return Number(/used_memory:(\d+)/.exec(await sendRedis(bed.stores.queueUrl, 'INFO memory'))?.[1]);
        const client = new pg.Client(bed.stores.queueUrl);
        await client.connect();
        const { rows } = await client.query<{ bytes: string }>(
          `select sum(pg_total_relation_size(oid)) as bytes from pg_class where relnamespace = 'bullmq'::regnamespace and relkind = 'r'`,
        );
        await client.end();
        return Number(rows[0]?.bytes);
      };
      const quantile = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)]!;

      await measure(); // warms up
      const without = await measure();
      const memoryBefore = await memory();
      await bed.query(
        `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, next_attempt_at, activity)
         select gen_random_uuid(), 'dead', 'main', gen_random_uuid(), now() + nth * interval '1 s', nth, 'waiting', now(), f.activity
         from generate_series(1, $1::integer) nth, (select activity from vidhuk.follow_up limit 1) f`,
        [rows],
      );
      await sleep(1_500); // the feeder's next look, and what it finds
      const withDead = await measure();
      const store = await bed.openStore();
      const queue = await store.openQueue(followUpQueueName('dead'));
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed');
      await queue.close();
      await store.close();
      const grown = (await memory()) - memoryBefore;

      const jobs = Object.values(counts).reduce((sum, count) => sum + count, 0);
      show(
        `ms to the call of the other action: p50 ${quantile(without, 0.5).toFixed(1)} → ${quantile(withDead, 0.5).toFixed(1)}, p99 ${quantile(without, 0.99).toFixed(1)} → ${quantile(withDead, 0.99).toFixed(1)}`,
      );
      show(
        `jobs of the dead one in the queue: ${jobs}; calls that it got: ${dead.calls.length}; the queue’s store grew by ${Math.round(grown / 1024)} KB`,
      );
      expect(jobs).to.be.at.most(160);
      expect(grown).to.be.lessThan(1024 * 1024);
      expect(dead.calls.length).to.be.within(5, 60);
      // Wide enough for a machine with other work; what must not be is a wait for the dead endpoint's rows.
      expect(quantile(withDead, 0.5)).to.be.lessThan(quantile(without, 0.5) * 3 + 50);
    }).timeout(240_000);
  });
}
