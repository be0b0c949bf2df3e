/** Checks of the queue and its store. */
import { batchQueueName, workflowQueueName } from '@vidhuk/shared';
import { compareClock } from './clock.js';
import { info, ok, problem, warning, type Check } from './check.js';
import { examineQueue } from './examine-queue.js';

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
  { name: 'queue', needs: ['store'], look: ({ store }) => examineQueue(store, batchQueueName, 'batches') },
  {
    name: 'queue of workflows',
    needs: ['store'],
    look: ({ store }) => examineQueue(store, workflowQueueName, 'requests of workflows'),
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
