/** A worker's part in rebuilds, for as long as the process runs: it takes slices of whatever rebuild is under way. */
import { messageOf, retryForever, type QueueStore, type Service } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../db/data-source.js';
import type { Tombstones } from '../../projection/tombstones.js';
import { createConsumer } from '../../queue/consumer.js';
import { redirect } from '../../projection/second-tables.js';
import { sliceQueueName, slicesAtOnce, type SliceJob } from './slice-queue.js';
import { workSlice } from './work-slice.js';

export interface OpenSlicesParts {
  store: QueueStore;
  databaseUrl: string;
  dataSource: DataSource;
  tombstones: Tombstones;
}

/** Connections to the second tables are made when the first slice comes, and those that are idle end after a few seconds. */
export async function openSlices(
  { store, databaseUrl, dataSource, tombstones }: OpenSlicesParts,
  service: Service,
): Promise<void> {
  const { log, lifecycle, stop } = service;
  const { signal } = lifecycle;
  const second = createDataSource(databaseUrl, {
    name: 'vidhuk rebuild',
    poolSize: slicesAtOnce,
    log,
    byIndexOnly: true,
    prepare: redirect,
  });
  lifecycle.onClose('connections of rebuilds', async () => {
    if (second.isInitialized) await second.destroy();
  });
  let opening: Promise<unknown> | undefined;
  const open = async () => {
    if (second.isInitialized) return;
    opening ??= second.initialize().finally(() => (opening = undefined));
    await opening;
  };
  const work = async (job: SliceJob) => {
    signal.throwIfAborted();
    await open();
    await workSlice({ dataSource, second, tombstones, log }, job);
  };
  const worker = await retryForever(
    'opening the worker of rebuilds',
    () => store.openWorker(sliceQueueName, createConsumer({ work, log, signal }), { concurrency: slicesAtOnce }),
    { log, signal },
  );
  lifecycle.onClose('worker of rebuilds', () => worker.close());
  worker.run().catch((error: unknown) => {
    log.fatal({ err: messageOf(error) }, 'the worker of rebuilds ended');
    stop('the worker of rebuilds ended', 1);
  });
}
