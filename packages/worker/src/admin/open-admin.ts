/** Everything by which the worker is watched: the watchdog, and the internal server with health, metrics and dashboard. */
import {
  serve,
  shared,
  storeChecks,
  type BatchJob,
  type Configuration,
  type ConfigurationStatus,
  type Environment,
  type JobQueue,
  type Lifecycle,
  type Logger,
  type QueueStore,
} from '@vidhuk/shared';
import type { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { QueueBoard } from '../follow-up/queue-board.js';
import { checkDatabaseWritable } from '../db/check-writable.js';
import { QueueMonitor } from '../queue/queue-monitor.js';
import { Watchdog, type Progress } from '../queue/watchdog.js';
import { createAdminApp } from './admin-server.js';
import { createDashboard } from './dashboard.js';

export interface WatchedParts {
  dataSource: DataSource;
  store: QueueStore;
  queue: JobQueue<BatchJob>;
  /** What the worker did of late with the jobs of that queue. */
  progress: Progress;
  registry: Registry;
  configuration: () => ConfigurationStatus;
  log: Logger;
}

export interface Admin {
  watchdog: Watchdog;
  board: QueueBoard;
}

/** Listens at once, so that a worker that waits for something can be seen waiting. */
export async function openAdmin(
  parts: WatchedParts,
  config: Configuration,
  address: Environment['admin'],
  lifecycle: Lifecycle,
): Promise<Admin> {
  const { dataSource, store, queue, progress, registry, configuration, log } = parts;
  const monitor = new QueueMonitor(queue);
  monitor.register(registry);
  const watchdog = new Watchdog(monitor, progress, config.worker.stuckAfterMs);
  const readiness = [
    shared({ name: 'database', check: () => checkDatabaseWritable(dataSource) }),
    ...storeChecks(store, config.queue.allowVolatile).map(shared),
    { name: 'progress', check: () => watchdog.checkProgress() },
  ];
  const dashboard = createDashboard();
  dashboard.show(queue);
  const app = createAdminApp({ token: address.token, readiness, registry, configuration, dashboard, log });
  lifecycle.onClose('admin server', await serve(app.callback(), address, log));
  return { watchdog, board: dashboard };
}
