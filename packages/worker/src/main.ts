/** The worker process: what is acquired, in order; `runService` gives it back in reverse. */
import {
  batchQueueName,
  cannotHeal,
  createLogger,
  openDurableStore,
  readEnvironment,
  reloadOn,
  retryForever,
  runService,
  type BatchJob,
} from '@vidhuk/shared';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { openAdmin } from './admin/open-admin.js';
import { connect } from './db/connect.js';
import { createDataSource } from './db/data-source.js';
import { startMaintenance } from './db/maintenance.js';
import { PartitionsOnDemand } from './db/partitions.js';
import { warnOfDoubts } from './follow-up/find-doubts.js';
import { FollowUpMetrics } from './follow-up/follow-up-metrics.js';
import { FollowUps } from './follow-up/follow-ups.js';
import { createGuardedHttp } from './handlers/guarded-http.js';
import { IntakeMetrics } from './intake/intake-metrics.js';
import { openPipeline } from './intake/pipeline.js';
import { Projector } from './projection/projector.js';
import { loadWorkerConfiguration, type WorkerConfiguration } from './worker-configuration.js';

const shutdownMs = 25_000; // below the 30 s that orchestrators give by default before they kill
const log = createLogger('worker', 'info');

await runService(log, shutdownMs, async (lifecycle, stop) => {
  const environment = readEnvironment(process.env);
  log.level = environment.logLevel;
  const load = () => loadWorkerConfiguration(environment.configPath, process.env);
  const config = await load();
  const { signal } = lifecycle;
  const patience = { log, signal };

  const dataSource = createDataSource(environment.databaseUrl, {
    name: 'vidhuk worker',
    poolSize: config.worker.databaseConnections,
    log,
  });
  await retryForever('connecting to the database', () => connect(dataSource), { ...patience, isFinal: cannotHeal });
  lifecycle.onClose('database', () => dataSource.destroy());
  const store = await openDurableStore(environment.queueUrl, config.queue, patience);
  lifecycle.onClose('queue store', () => store.close());
  const queue = await retryForever('opening the queue', () => store.openQueue<BatchJob>(batchQueueName), patience);
  lifecycle.onClose('queue', () => queue.close());
  const http = createGuardedHttp();
  lifecycle.onClose('http client', () => http.close());
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = new IntakeMetrics(registry);
  const followUpMetrics = new FollowUpMetrics(registry, dataSource);
  const watched = { dataSource, store, queue, progress: metrics, registry, log };
  const { watchdog, board } = await openAdmin(watched, config, environment.admin, lifecycle);

  const projector = new Projector(dataSource, new PartitionsOnDemand(dataSource), log);
  const settings = config.worker;
  const followUps = new FollowUps({ store, dataSource, http, metrics: followUpMetrics, board, log, stop, settings });
  lifecycle.onClose('follow-ups', () => followUps.stop());
  const useActions = async ({ compiledActions, sources }: WorkerConfiguration) => {
    // What is accepted is planned from now on; what cannot be started yet finds its rows later.
    projector.planner = followUps.plannerFor(compiledActions);
    await retryForever('starting the actions', () => followUps.run(compiledActions), patience);
    log.info({ actions: compiledActions.map(({ name }) => name) }, 'actions');
    void warnOfDoubts(dataSource, compiledActions, sources, log);
  };
  await useActions(config);
  lifecycle.onClose(
    'reload',
    reloadOn('SIGHUP', async () => useActions(await load()), log),
  );

  const pipeline = { store, projector, settings, metrics, log, signal };
  const worker = await retryForever('opening the worker', () => openPipeline(pipeline), patience);
  lifecycle.onClose('worker', () => worker.close());
  const timers = [watchdog.watch(log, stop), startMaintenance(dataSource, log)];
  lifecycle.onClose('timers', () => timers.forEach(clearInterval));
  worker.run().catch((error: unknown) => {
    log.fatal({ err: error }, 'the worker ended');
    stop('the worker ended', 1);
  });
  log.info({ concurrency: config.worker.concurrency, queue: store.kind }, 'worker ready');
});
