/** Checks of the queue and its store. */
import { batchQueueName, messageOf, type BatchJob, type JobQueue } from '@vidhuk/shared';
import { QueueMonitor } from '@vidhuk/worker/queue';
import { compareClock } from './clock.js';
import { info, isForbidden, ok, problem, warning, type Check } from './check.js';

/** So old a waiting batch is means that nobody takes them. */
const oldMs = 60_000;

/** As the design says: supported from these on. */
const oldest = { redis: [6, 2], postgres: [15, 0] } as const;
const products = { redis: 'Redis', postgres: 'PostgreSQL' } as const;

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

export const queueChecks: readonly Check[] = [
  {
    name: 'queue version',
    needs: ['store'],
    async look({ store }) {
      const version = await store.version();
      const text = `${products[store.kind]} ${version}`;
      const [major, minor] = oldest[store.kind];
      if (isAtLeast(version, major, minor)) return [ok(text)];
      return [problem(`${text} is too old`, `use ${products[store.kind]} ${major}.${minor} or newer`)];
    },
  },
  {
    name: 'queue write',
    needs: ['store'],
    async look({ store }) {
      await store.checkWritable();
      return [ok(`${products[store.kind]} takes writes`)];
    },
  },
  {
    name: 'queue room',
    needs: ['store', 'config'],
    async look({ store, config: { queue } }) {
      const room = await store.room();
      if (room === null)
        return [
          store.kind === 'redis'
            ? info('Redis has no maxmemory: its machine’s memory is the limit')
            : ok('its disk is the limit'),
        ];
      const percent = Math.floor((room.usedBytes / room.limitBytes) * 100);
      const text = `Redis is full to ${percent} % of its maxmemory (${megabytes(room.usedBytes)} of ${megabytes(room.limitBytes)})`;
      const remedy =
        'raise "maxmemory" in redis.conf ("CONFIG SET maxmemory 2gb" does it at once), and look whether workers keep up';
      if (percent >= queue.fullAtPercent) return [problem(`${text}: batches get 503 (queue.fullAtPercent)`, remedy)];
      return [percent >= queue.fullAtPercent - 20 ? warning(text, remedy) : ok(text)];
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
      let queue: JobQueue<BatchJob>;
      try {
        queue = await store.openQueue<BatchJob>(batchQueueName);
      } catch (error) {
        if (store.kind !== 'postgres' || isForbidden(error)) throw error;
        return [problem(messageOf(error), 'run "vidhuk migrate"')];
      }
      try {
        const monitor = new QueueMonitor(queue);
        const { waiting = 0, active = 0, delayed = 0, failed = 0 } = await monitor.counts();
        const ageMs = await monitor.oldestWaitingMs();
        const text = `${waiting} waiting (the oldest for ${Math.round(ageMs / 1000)} s), ${active} in work, ${delayed} delayed, ${failed} failed`;
        if (failed > 0)
          return [
            problem(text, 'failed batches should not exist: retry them on the dashboard /queues and look at the worker’s log'),
          ];
        if (await monitor.isPaused())
          return [warning(`paused: ${text}`, 'nobody takes batches until it is resumed: on the worker’s dashboard, /queues')];
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

/** `7.0.15`, `18.4 (Debian 18.4-1)`; what does not tell its version is not old. */
function isAtLeast(version: string, major: number, minor: number): boolean {
  const [, first, second] = /^(\d+)\.?(\d*)/.exec(version) ?? [];
  if (first === undefined) return true;
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}
