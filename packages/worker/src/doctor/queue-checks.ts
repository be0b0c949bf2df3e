/** Checks of the queue and its store. */
import { batchQueueName, type BatchJob } from '@vidhuk/shared';
import { QueueMonitor } from '../admin/queue-monitor.js';
import { compareClock } from './clock.js';
import { ok, problem, warning, type Check } from './check.js';

/** So old a waiting batch is means that nobody takes them. */
const oldMs = 60_000;

export const queueChecks: readonly Check[] = [
  {
    name: 'queue write',
    needs: ['store'],
    async look({ store }) {
      await store.checkWritable();
      return [ok(`${store.kind === 'redis' ? 'Redis' : 'PostgreSQL'} takes writes`)];
    },
  },
  {
    name: 'queue durability',
    needs: ['store', 'config'],
    async look({ store, config }) {
      const problems = await store.durabilityProblems();
      if (problems.length === 0) return [ok('acknowledged batches are on disk')];
      const remedy = 'mend it: a crash may lose acknowledged batches';
      return problems.map((text) =>
        config.queue.allowVolatile ? warning(`${text} (allowed by "allowVolatile")`, remedy) : problem(text, remedy),
      );
    },
  },
  {
    name: 'queue',
    needs: ['store'],
    async look({ store }) {
      const queue = await store.openQueue<BatchJob>(batchQueueName);
      try {
        const monitor = new QueueMonitor(queue);
        const { waiting = 0, active = 0, delayed = 0, failed = 0 } = await monitor.counts();
        const ageMs = await monitor.oldestWaitingMs();
        const text = `${waiting} waiting (the oldest for ${Math.round(ageMs / 1000)} s), ${active} in work, ${delayed} delayed, ${failed} failed`;
        if (failed > 0)
          return [
            problem(text, 'failed batches should not exist: retry them on the dashboard /queues and look at the worker’s log'),
          ];
        return ageMs > oldMs
          ? [warning(text, 'is a worker running? "vidhuk doctor" on its machine, and its log, tell more')]
          : [ok(text)];
      } finally {
        await queue.close();
      }
    },
  },
  {
    name: 'clocks',
    needs: ['database'],
    async look({ database }) {
      const readMs = async () => {
        const [row] = await database.query<{ ms: number }[]>(`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`);
        return row?.ms ?? Number.NaN;
      };
      return [await compareClock('the database', readMs)];
    },
  },
  {
    name: 'clock of the queue',
    needs: ['store'],
    async look({ store }) {
      return [await compareClock('the queue’s store', () => store.clockMs())];
    },
  },
];
