import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobQueue } from '../../../packages/shared/src/index.js';
import { Feeder } from '../../../packages/worker/src/follow-up/feeder.js';
import type { FollowUpJob } from '../../../packages/worker/src/follow-up/follow-up-job.js';
import { finishFollowUps } from '../../../packages/worker/src/follow-up/sql/finish-follow-ups.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { followUpQueueName } from '../../../packages/worker/src/follow-up/action-runner.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed, type LedgerRow } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { refuseNewJobs, loseJobs, takeNewJobs } from '../../support/follow-up/queue-trouble.js';
import { silentLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

const people = (count: number) => Array.from({ length: count }, (_, index) => activity({ contactId: index + 1 }));

for (const kind of storeKinds) {
  describe(`jobs that the queue loses (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(async () => {
      await takeNewJobs(bed.stores);
      await bed.close();
    });

    /** A feeder without a worker: what it enqueues stays in the queue. */
    async function openFeeder(action: ReturnType<typeof actionOf>): Promise<{ feeder: Feeder; queue: JobQueue<FollowUpJob> }> {
      const store = await bed.openStore();
      const queue = await store.openQueue<FollowUpJob>(followUpQueueName(action.name));
      bed.onClose(async () => {
        await queue.close();
        await store.close();
      });
      return { feeder: new Feeder(action, queue, bed.dataSource, silentLog()), queue };
    }

    it('are found and enqueued again', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({}, handler);
      await bed.plan([action], people(30));
      const { feeder } = await openFeeder(action);
      expect(await feeder.feed()).to.equal(30);
      await loseJobs(bed.stores);
      expect(await feeder.sweep(0)).to.equal(30);
      await bed.reach('waiting', 30);
      await bed.worker([action]);
      const rows = await bed.reach('done', 30);
      expect(calls.map(({ key }) => key).sort()).to.deep.equal(rows.map(({ id }) => id).sort());
    });

    it('are told from those that wait in the queue, and from young ones', async () => {
      const action = actionOf({});
      await bed.plan([action], people(3));
      const { feeder } = await openFeeder(action);
      await feeder.feed();
      expect(await feeder.sweep(0)).to.equal(0);
      await loseJobs(bed.stores);
      expect(await feeder.sweep(10_000)).to.equal(0);
      await bed.reach('queued', 3);
    });

    it('record nothing of rows that another job carries by then', async () => {
      const action = actionOf({});
      await bed.plan([action], people(1));
      const { feeder } = await openFeeder(action);
      await feeder.feed();
      const [lost] = await bed.rows();
      await loseJobs(bed.stores);
      await feeder.sweep(0);
      await feeder.feed();
      const [carried] = await bed.rows();
      const result = { state: 'failed', attempted: true, error: 'too late', delayMs: null, leavesGroup: false } as const;
      const finish = ({ id, job_id: jobId }: LedgerRow) =>
        inTransaction(bed.dataSource, (client) => finishFollowUps(client, [{ ...result, id, jobId: jobId! }], 1));
      expect(await finish(lost!)).to.equal(0);
      expect(await bed.rows()).to.deep.equal([carried]);
      expect(await finish(carried!)).to.equal(1);
      await bed.reach('failed', 1);
    });

    it('are found by a worker that starts after a crash', async () => {
      const { handler } = recorder();
      const action = actionOf({}, handler);
      await bed.plan([action], people(3));
      const { feeder } = await openFeeder(action);
      await feeder.feed();
      await loseJobs(bed.stores);
      await bed.query(`update vidhuk.follow_up set claimed_at = claimed_at - interval '2 minutes'`);
      await bed.worker([action]);
      await bed.reach('done', 3);
    });

    it('a queue that takes no jobs for a while delays them no longer than that', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({}, handler);
      const { plan } = await bed.worker([action]);
      await refuseNewJobs(bed.stores);
      await plan([action], people(5));
      await sleep(500);
      expect(calls).to.deep.equal([]);
      await takeNewJobs(bed.stores);
      const rows = await bed.reach('done', 5, { timeoutMs: 5_000 });
      expect(calls.map(({ key }) => key).sort()).to.deep.equal(rows.map(({ id }) => id).sort());
    });

    it('a job that comes again, as a stalled one does, finds nothing left to do', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({}, handler);
      await bed.plan([action], people(1));
      const { feeder, queue } = await openFeeder(action);
      await feeder.feed();
      const [row] = await bed.rows();
      await bed.worker([action]);
      await bed.reach('done', 1);
      await until('the job is gone', async () => (await queue.getJob(row!.job_id!)) === undefined);
      await queue.add('follow-up', { id: row!.job_id!, calls: [row!.id] }, { jobId: row!.job_id!, removeOnComplete: true });
      await until('the job is gone again', async () => (await queue.getJob(row!.job_id!)) === undefined);
      expect(calls).to.have.lengthOf(1);
    });

    it('two feeders never hand out a row twice, nor more calls than the window', async () => {
      const action = actionOf({ concurrency: 1 });
      await bed.plan([action], people(300));
      const feeders = await Promise.all([openFeeder(action), openFeeder(action), openFeeder(action)]);
      const fed = await Promise.all(Array.from({ length: 12 }, (_, index) => feeders[index % 3]!.feeder.feed()));
      expect(fed.reduce((sum, count) => sum + count, 0)).to.equal(100);
      const counts = await feeders[0].queue.getJobCounts('waiting');
      expect(counts.waiting).to.be.within(1, 100);
      await bed.reachStates({ queued: 100, waiting: 200 });
    });
  });
}
