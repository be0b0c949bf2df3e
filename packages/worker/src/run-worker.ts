/** What the worker is made of, in the order in which it is acquired; `runService` gives it back in reverse. */
import { getPriority, setPriority } from 'node:os';
import {
  ConfigurationError,
  ConfigurationInForce,
  createLogger,
  openBatchQueue,
  openQueueStore,
  openWorkflowQueue,
  readConfiguration,
  readEnvironment,
  retryForever,
  runService,
  StoreRoom,
  toMs,
  watchStore,
  type Variables,
} from '@vidhuk/shared';
import type { Reloads } from '@vidhuk/shared/reload';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { openAdmin } from './admin/open-admin.js';
import { startMaintenance } from './db/maintenance.js';
import { openDatabase } from './db/open-database.js';
import { requireConnections } from './db/require-connections.js';
import { PartitionsOnDemand } from './db/partitions.js';
import { poolSizes } from './db/pool-sizes.js';
import { inTransaction } from './db/transaction.js';
import { FollowUpMetrics } from './follow-up/follow-up-metrics.js';
import { openActions } from './follow-up/open-actions.js';
import { createGuardedHttp } from './handlers/guarded-http.js';
import { openSlices } from './history/rebuild/open-slices.js';
import { startRetention } from './history/retention.js';
import { IntakeMetrics } from './intake/intake-metrics.js';
import { openIntake } from './intake/open-intake.js';
import { openWorkflowIntake } from './intake/open-workflow-intake.js';
import { WorkflowMetrics } from './intake/workflow-metrics.js';
import { Projector } from './projection/projector.js';
import { settleRules } from './projection/settle-rules.js';
import { settleSources } from './projection/settle-sources.js';
import { Tombstones } from './projection/tombstones.js';
import { measureQuarantine } from './quarantine/quarantine-metrics.js';
import { RequestStore } from './workflow/store-requests.js';
import { openReconcile } from './reconcile/open-reconcile.js';
import { measureDrift } from './reconcile/reconcile-metrics.js';
import { adoptWorkerConfiguration, parseWorkerConfiguration, type WorkerConfiguration } from './worker-configuration.js';

const shutdownMs = 25_000; // below the 30 s that orchestrators give by default before they kill

/** As of nice(1): somebody waits for what the ingress answers, nobody for a batch. In Compose `cpu_shares` says it, for there each container counts for itself. */
const niceness = 10;

export async function runWorker(variables: Variables, reloads: Reloads): Promise<void> {
  setPriority(Math.max(getPriority(), niceness)); // whoever started it may have said more, which only root takes back
  await runService(createLogger('worker', 'info'), shutdownMs, async (service) => {
    const { log, lifecycle, stop } = service;
    const environment = readEnvironment(variables);
    log.level = environment.logLevel;
    const read = () => readConfiguration(environment, variables, parseWorkerConfiguration);
    const configuration = new ConfigurationInForce(environment.configPath, await read());
    const { queue: queueSettings, worker: settings } = configuration.running;

    // Batches have connections of their own: whatever holds up follow-ups, or people who look, takes none of them.
    const { ofBatches, ofOthers } = poolSizes(settings);
    const batches = await openDatabase(environment.databaseUrl, { poolSize: ofBatches, byIndexOnly: true }, service);
    const dataSource = await openDatabase(environment.databaseUrl, { poolSize: ofOthers }, service);
    const { store, queue } = await openBatchQueue(environment.queueUrl, queueSettings, service);
    await requireConnections(dataSource, ofBatches + ofOthers + store.databaseConnections);
    const workflowQueue = await openWorkflowQueue(store, service);
    const http = createGuardedHttp(settings);
    lifecycle.onClose('http client', () => http.close());
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const metrics = {
      intake: new IntakeMetrics(registry),
      workflow: new WorkflowMetrics(registry),
      followUp: new FollowUpMetrics(registry, dataSource),
    };
    measureQuarantine(registry, dataSource);
    measureDrift(registry, dataSource);
    const watched = {
      dataSource: batches,
      store,
      queue,
      progress: metrics.intake,
      registry,
      configuration: () => configuration.status,
      log,
    };
    const { watchdog, board } = await openAdmin(watched, configuration.running, environment.admin, lifecycle);

    const patience = { log, signal: lifecycle.signal };
    const settle = ({ sources }: WorkerConfiguration) =>
      retryForever('settling the sources', () => settleSources(dataSource, sources), patience);
    await settle(configuration.running);
    const rules = await retryForever('settling the rules', () => settleRules(dataSource), patience);
    if (rules.projected < rules.ours)
      log.warn(rules, 'the projections were made by older rules: run "vidhuk rebuild --check", and then "vidhuk rebuild"');
    const tombstones = new Tombstones(environment.eraseKey);
    const learn = () => inTransaction(dataSource, (client) => tombstones.load(client));
    await retryForever('reading who was erased', learn, { ...patience, isFinal: (error) => error instanceof ConfigurationError });
    const projector = new Projector(batches, new PartitionsOnDemand(batches), log, undefined, tombstones);
    const requests = new RequestStore(dataSource, new PartitionsOnDemand(dataSource), log, undefined, tombstones);
    const forActions = { store, dataSource, http, metrics: metrics.followUp, board, projector, requests, settings };
    const useActions = openActions(forActions, service);
    // Batches wait for no action: what they plan is called once its action runs.
    useActions(configuration.running).catch((error: unknown) => {
      if (!lifecycle.signal.aborted) throw error; // unhandled: that ends the process
    });
    const sources = () => configuration.running.sources;
    const room = new StoreRoom(store, queueSettings.fullAtPercent, log);
    const scheduleReconciling = await openReconcile({ store, dataSource, queue, room, tombstones, http, sources }, service);
    const take = async (running: WorkerConfiguration) => {
      await settle(running);
      await useActions(running);
      await scheduleReconciling();
    };
    await scheduleReconciling();
    const reload = () => configuration.reload({ read, adopt: adoptWorkerConfiguration, take, log });
    lifecycle.onClose('reload', reloads.begin(reload));

    const maxAheadMs = (source: string) => toMs(configuration.running.sources[source]?.maxAhead ?? '1d');
    const takeBatches = await openIntake({ store, projector, settings, maxAheadMs, metrics: metrics.intake }, service);
    const ofRequests = { store, queue: workflowQueue, requests, settings, metrics: metrics.workflow, board };
    const takeRequests = await openWorkflowIntake(ofRequests, service);
    await openSlices({ store, databaseUrl: environment.databaseUrl, dataSource, tombstones }, service);
    const openAnew = () => openQueueStore(environment.queueUrl, () => undefined);
    const timers = [watchdog.watch(log, stop), watchStore({ store, open: openAnew }, service)];
    lifecycle.onClose('timers', () => timers.forEach(clearInterval));
    lifecycle.onClose('maintenance', startMaintenance(dataSource, log));
    lifecycle.onClose(
      'retention',
      startRetention(dataSource, () => configuration.running, log),
    );
    takeBatches();
    takeRequests();
    log.info({ concurrency: settings.concurrency, queue: store.kind }, 'worker ready');
  });
}
