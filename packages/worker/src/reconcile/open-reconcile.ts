/** Reconciling by itself, for as long as the process runs: a job scheduler per source, whose jobs any worker may take. */
import {
  messageOf,
  retryForever,
  toMs,
  type BatchJob,
  type Configuration,
  type JobQueue,
  type QueueStore,
  type Service,
  type StoreRoom,
} from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { HttpClient } from '../handlers/http-client.js';
import type { Tombstones } from '../projection/tombstones.js';
import { createConsumer } from '../queue/consumer.js';
import type { Pace } from './pull/platform-api.js';
import { runScheduled } from './scheduled-run.js';

interface ReconcileJob {
  source: string;
}

const reconcileQueueName = 'reconcile';
/** Sources of one process at a time: a run holds a connection of the pool, which may have two. Other processes take other sources. */
const concurrency = 1;

export interface OpenReconcileParts {
  store: QueueStore;
  dataSource: DataSource;
  /** Of batches. */
  queue: Pick<JobQueue<BatchJob>, 'add'>;
  room: Pick<StoreRoom, 'check'>;
  tombstones: Tombstones;
  http: HttpClient;
  /** As it is in force now. */
  sources: () => Configuration['sources'];
  pace?: Partial<Pace>;
}

/** Gives the function that brings the schedule in line with the configuration; it rejects only when the process ends before. */
export async function openReconcile(parts: OpenReconcileParts, service: Service): Promise<() => Promise<void>> {
  const { store, dataSource, queue, room, tombstones, http, sources, pace = {} } = parts;
  const { log, lifecycle, stop } = service;
  const { signal } = lifecycle;
  const patience = { log, signal };
  const work = async ({ source }: ReconcileJob) => {
    signal.throwIfAborted();
    const settings = Object.hasOwn(sources(), source) ? sources()[source] : undefined;
    if (settings?.reconcile === undefined) return; // taken out of the configuration meanwhile
    await runScheduled(source, settings, { dataSource, queue, room, tombstones, http, log, signal, pace });
  };
  const schedule = await retryForever(
    'opening the queue of reconciling',
    () => store.openQueue<ReconcileJob>(reconcileQueueName),
    patience,
  );
  lifecycle.onClose('queue of reconciling', () => schedule.close());
  const consumer = createConsumer({ work, log, signal });
  const worker = await retryForever(
    'opening the worker of reconciling',
    () => store.openWorker(reconcileQueueName, consumer, { concurrency }),
    patience,
  );
  lifecycle.onClose('worker of reconciling', () => worker.close());
  worker.run().catch((error: unknown) => {
    log.fatal({ err: messageOf(error) }, 'the worker of reconciling ended');
    stop('the worker of reconciling ended', 1);
  });
  return () => retryForever('scheduling reconciling', () => bringInLine(schedule, sources()), patience);
}

/** A schedule that stays the same keeps its next time. */
async function bringInLine(queue: JobQueue<ReconcileJob>, sources: Configuration['sources']): Promise<void> {
  const wanted = new Map(
    Object.entries(sources).flatMap(([source, { reconcile }]) =>
      reconcile === undefined ? [] : [[source, toMs(reconcile.every)]],
    ),
  );
  for (const { key } of await queue.getJobSchedulers()) if (!wanted.has(key)) await queue.removeJobScheduler(key);
  for (const [source, every] of wanted)
    await queue.upsertJobScheduler(source, { every }, { name: 'reconcile', data: { source }, opts: { removeOnComplete: true } });
}
