/** The worker process: what is acquired, in order; `runService` gives it back in reverse. */
import {
  batchQueueName,
  createLogger,
  loadConfiguration,
  openDurableStore,
  readEnvironment,
  retryForever,
  runService,
  serve,
  type BatchJob,
} from '@vidhuk/shared';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createAdminApp } from './admin/admin-server.js';
import { QueueMonitor } from './admin/queue-monitor.js';
import { Watchdog } from './admin/watchdog.js';
import { createDataSource } from './db/data-source.js';
import { connect } from './db/connect.js';
import { startMaintenance } from './db/maintenance.js';
import { WorkerMetrics } from './metrics.js';
import { openPipeline } from './pipeline.js';

const shutdownMs = 25_000; // below the 30 s that orchestrators give by default before they kill
const log = createLogger('worker', 'info');

await runService(log, shutdownMs, async (lifecycle, stop) => {
  const environment = readEnvironment(process.env);
  log.level = environment.logLevel;
  const config = await loadConfiguration(environment.configPath, process.env);
  const { signal } = lifecycle;

  const dataSource = createDataSource(environment.databaseUrl, {
    name: 'vidhuk worker',
    poolSize: config.worker.maxTransactions + 3,
    log,
  });
  await retryForever('connecting to the database', () => connect(dataSource), { log, signal });
  lifecycle.onClose('database', () => dataSource.destroy());
  const store = await openDurableStore(environment.queueUrl, config.queue.allowVolatile, { log, signal });
  lifecycle.onClose('queue store', () => store.close());
  const queue = await retryForever('opening the queue', () => store.openQueue<BatchJob>(batchQueueName), { log, signal });
  lifecycle.onClose('queue', () => queue.close());

  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = new WorkerMetrics(registry);
  const monitor = new QueueMonitor(queue);
  monitor.register(registry);
  const watchdog = new Watchdog(monitor, metrics, config.worker.stuckAfterMs);
  const readiness = [
    { name: 'database', check: () => dataSource.query<unknown>('select 1') },
    { name: 'queue', check: () => store.checkWritable() },
    { name: 'progress', check: () => watchdog.checkProgress() },
  ];
  const admin = createAdminApp({ token: environment.admin.token, readiness, registry, queue });
  lifecycle.onClose('admin server', await serve(admin.callback(), environment.admin, log));

  const worker = await retryForever(
    'opening the worker',
    () => openPipeline({ store, dataSource, settings: config.worker, metrics, log, signal }),
    { log, signal },
  );
  lifecycle.onClose('worker', () => worker.close());
  const timers = [watchdog.watch(log, stop), startMaintenance(dataSource, log)];
  lifecycle.onClose('timers', () => timers.forEach(clearInterval));
  worker.run().catch((error: unknown) => {
    log.fatal({ err: error }, 'the worker ended');
    stop('the worker ended', 1);
  });
  log.info({ concurrency: config.worker.concurrency, queue: store.kind }, 'worker ready');
});
