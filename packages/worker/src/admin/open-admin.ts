/** Everything by which the worker is watched: metrics, the watchdog, and the internal server with health, metrics and dashboard. */
import {
  serve,
  storeChecks,
  type BatchJob,
  type Configuration,
  type Environment,
  type JobQueue,
  type Lifecycle,
  type Logger,
  type QueueStore,
} from '@vidhuk/shared';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { FollowUpMetrics } from '../follow-up/follow-up-metrics.js';
import { WorkerMetrics } from '../metrics.js';
import { createAdminApp } from './admin-server.js';
import { createDashboard, type QueueBoard } from './dashboard.js';
import { QueueMonitor } from './queue-monitor.js';
import { Watchdog } from './watchdog.js';

export interface WatchedParts {
  dataSource: DataSource;
  store: QueueStore;
  queue: JobQueue<BatchJob>;
  log: Logger;
}

export interface Admin {
  metrics: WorkerMetrics;
  followUpMetrics: FollowUpMetrics;
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
  const { dataSource, store, queue, log } = parts;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = new WorkerMetrics(registry);
  const monitor = new QueueMonitor(queue);
  monitor.register(registry);
  const watchdog = new Watchdog(monitor, metrics, config.worker.stuckAfterMs);
  const readiness = [
    { name: 'database', check: () => dataSource.query<unknown>('select 1') },
    ...storeChecks(store, config.queue.allowVolatile),
    { name: 'progress', check: () => watchdog.checkProgress() },
  ];
  const dashboard = createDashboard();
  dashboard.show(queue);
  const app = createAdminApp({ token: address.token, readiness, registry, dashboard, log });
  lifecycle.onClose('admin server', await serve(app.callback(), address, log));
  return { metrics, followUpMetrics: new FollowUpMetrics(registry, dataSource), watchdog, board: dashboard };
}
