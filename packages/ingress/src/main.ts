/** The ingress process: what is acquired, in order; `runService` gives it back in reverse. */
import {
  batchQueueName,
  ByteBudget,
  createLogger,
  loadConfiguration,
  openDurableStore,
  readEnvironment,
  retryForever,
  runService,
  serve,
  storeChecks,
  type BatchJob,
} from '@vidhuk/shared';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createApp } from './app.js';
import { IngressMetrics } from './metrics.js';
import { createReceiver } from './receive.js';

const shutdownMs = 25_000; // below the 30 s that orchestrators give by default before they kill
const log = createLogger('ingress', 'info');

await runService(log, shutdownMs, async (lifecycle) => {
  const environment = readEnvironment(process.env);
  log.level = environment.logLevel;
  const config = await loadConfiguration(environment.configPath, process.env);
  const { signal } = lifecycle;

  const store = await openDurableStore(environment.queueUrl, config.queue, { log, signal });
  lifecycle.onClose('queue store', () => store.close());
  const queue = await retryForever('opening the queue', () => store.openQueue<BatchJob>(batchQueueName), { log, signal });
  lifecycle.onClose('queue', () => queue.close());

  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const budget = new ByteBudget(config.ingress.maxBytesInFlight);
  const metrics = new IngressMetrics(registry, budget);
  const readiness = [
    ...storeChecks(store, config.queue.allowVolatile),
    { name: 'running', check: () => (signal.aborted ? Promise.reject(new Error('stopping')) : Promise.resolve()) },
  ];
  const receive = createReceiver({ queue, budget, limits: config.ingress, metrics, log });
  const app = createApp({
    sources: config.sources,
    receive,
    readiness,
    metrics,
    registry,
    adminToken: environment.admin.token,
    log,
  });
  lifecycle.onClose('server', await serve(app.callback(), environment.ingress, log, { drainMs: config.ingress.drainMs }));
});
