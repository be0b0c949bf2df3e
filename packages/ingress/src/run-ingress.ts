/** What the ingress is made of, in the order in which it is acquired; `runService` gives it back in reverse. */
import {
  ByteBudget,
  ConfigurationInForce,
  createLogger,
  isReadByIngress,
  openBatchQueue,
  openQueueStore,
  openWorkflowQueue,
  parseConfiguration,
  readConfiguration,
  readEnvironment,
  runService,
  shared,
  serve,
  storeChecks,
  StoreRoom,
  watchStore,
  type RefusedRequest,
  type Variables,
} from '@vidhuk/shared';
import type { Reloads } from '@vidhuk/shared/reload';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { adoptConfiguration } from './adopt-configuration.js';
import { createApp } from './app.js';
import { clientAddressOf } from './client-address.js';
import { createContactReader } from './contact-reader.js';
import { IngressMetrics } from './metrics.js';
import { largestShared } from './receive-body.js';
import { createReceiver } from './receive.js';
import { createWorkflowReceiver } from './receive-workflow.js';
import { Refusals } from './refusals.js';
import { requireAnswers } from './require-answers.js';

const shutdownMs = 25_000; // below the 30 s that orchestrators give by default before they kill

export async function runIngress(variables: Variables, reloads: Reloads): Promise<void> {
  await runService(createLogger('ingress', 'info'), shutdownMs, async (service) => {
    const { log, lifecycle } = service;
    const environment = readEnvironment(variables, { needsDatabase: false });
    log.level = environment.logLevel;
    const read = () => readConfiguration(environment, variables, parseConfiguration, isReadByIngress);
    const configuration = new ConfigurationInForce(environment.configPath, await read());
    const { ingress: limits, queue: queueSettings } = configuration.running;
    requireAnswers(configuration.running, environment);

    const { store, queue } = await openBatchQueue(environment.queueUrl, queueSettings, service);
    const requests = await openWorkflowQueue(store, service);
    const contacts = createContactReader(environment.readDatabaseUrl, log);
    lifecycle.onClose('contact reader', () => contacts.close());
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const budget = new ByteBudget(limits.maxBytesInFlight, largestShared);
    const room = new StoreRoom(store, queueSettings.fullAtPercent, log);
    const metrics = new IngressMetrics(registry, budget, room);
    const refusals = new Refusals(registry, log);
    const app = createApp({
      sources: () => configuration.running.sources,
      receive: createReceiver({ queue, budget, room, limits, metrics, log, keepFinished: queueSettings.keepFinished }),
      receiveWorkflow: createWorkflowReceiver({ queue: requests, contacts, budget, room, limits, metrics, log }),
      readiness: [
        ...storeChecks(store, queueSettings.allowVolatile).map(shared),
        shared({ name: 'room', check: () => room.check() }),
        lifecycle.readiness,
      ],
      ...{ metrics, refusals, registry, log },
      clientAddress: clientAddressOf(limits.trustedProxies),
      configuration: () => configuration.status,
      adminToken: environment.admin.token,
    });
    const open = () => openQueueStore(environment.queueUrl, () => undefined);
    const timers = [room.watch(), watchStore({ store, open }, service)];
    lifecycle.onClose('timers', () => timers.forEach(clearInterval));
    const onRefused = ({ status, remote }: RefusedRequest) => refusals.refused('http', status, { remote });
    const { drainMs, keepAliveTimeoutMs } = limits;
    const serving = { drainMs, keepAliveTimeoutMs, requestTimeoutMs: 0, onRefused };
    lifecycle.onClose('server', await serve(app.callback(), environment.ingress, log, serving));
    lifecycle.onClose(
      'reload',
      reloads.begin(() => configuration.reload({ read, adopt: adoptConfiguration, log })),
    );
  });
}
