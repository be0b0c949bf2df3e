/** Starts PostgreSQL, the worker and the ingress, in this order, and shows where they are. */
import { readSecret, type Address, type Variables } from '@vidhuk/shared';
import pc from 'picocolors';
import { printAside } from '../output/print.js';
import { step } from '../output/step.js';
import { PlainError } from '../system/plain-error.js';
import { CommandError, runCommand } from '../system/run-command.js';
import { showBanner } from './banner.js';
import type { CheckedConfiguration } from './check-configuration.js';
import { cloneRoot, inClone } from './clone.js';
import { startEmbeddedDatabase } from './embedded-database.js';
import { openLog, writePrivate } from './home.js';
import type { InstanceLock } from './instance-lock.js';
import { firstSource } from '../local-webhook-url.js';
import { nearUrl } from '../system/near-url.js';
import type { Listeners } from './listeners.js';
import { openLogView, type LogView } from './log-view.js';
import { waitUntilReady } from './readiness.js';
import type { Acquired } from './running.js';
import { startService } from './service.js';
import { supervise, type Supervised } from './supervise.js';
import { supportUrlOf } from './support-url.js';

export interface Instance {
  home: string;
  /** Receives what the command line needs to find this instance. */
  runFile: string;
  lock: InstanceLock;
  acquired: Acquired;
  given: Variables;
  stopping: AbortSignal;
}

/** Ingress or worker, begun and ready. */
export interface StartedService {
  name: string;
  /** Of its readiness check. */
  readyUrl: string;
  supervised: Supervised;
  logView: LogView;
}

const warn = (line: string): void => printAside(pc.yellow(line));

export async function startServices(
  instance: Instance,
  checked: CheckedConfiguration,
  listeners: Listeners,
): Promise<StartedService[]> {
  const { home, given, stopping } = instance;
  const { url: databaseUrl, keep } = await openDatabase(instance, checked);
  stopping.throwIfAborted();
  const environment = serviceVariables(checked, databaseUrl, listeners);
  await step('migrations', () =>
    runCommand(process.execPath, [inClone('packages/cli/bin/vidhuk.mjs'), 'migrate'], {
      cwd: cloneRoot,
      env: environment,
      signal: stopping,
    }),
  );
  const supportUrl = await supportUrlOf(home, databaseUrl, given, warn);
  stopping.throwIfAborted();
  const services = [
    await start(instance, 'worker', listeners.admin, environment),
    await start(instance, 'ingress', listeners.ingress, environment),
  ];
  keep();
  for (const { supervised } of services) supervised.keep();

  const { DATABASE_URL, QUEUE_URL, VIDHUK_MAIN_TOKEN, ADMIN_TOKEN, INGRESS_PORT, ADMIN_PORT } = environment;
  const found = { DATABASE_URL, QUEUE_URL, VIDHUK_MAIN_TOKEN, ADMIN_TOKEN, INGRESS_PORT, ADMIN_PORT };
  writePrivate(instance.runFile, { ...found, ...(supportUrl !== undefined && { SUPPORT_DATABASE_URL: supportUrl }) });
  const adminToken = ADMIN_TOKEN ?? '';
  showBanner({
    home,
    listeners,
    source: firstSource(checked.configuration),
    adminToken,
    databaseUrl,
    supportUrl,
    givenHome: given.VIDHUK_HOME,
  });
  for (const { logView } of services) logView.open();
  return services;
}

async function openDatabase(
  { home, acquired }: Instance,
  { hasDatabase, environment }: CheckedConfiguration,
): Promise<{ url: string; keep: () => void }> {
  if (hasDatabase) return { url: environment.databaseUrl, keep: () => undefined };
  return step('PostgreSQL', async ({ say }) => {
    const { server, port, dataDir, ensure } = await startEmbeddedDatabase(home, warn);
    acquired.push({ name: 'PostgreSQL', ...server });
    say(`127.0.0.1:${port}, data in ${dataDir}`);
    return { url: await ensure(), keep: server.keep };
  });
}

function serviceVariables(
  { variables, environment: { logLevel } }: CheckedConfiguration,
  databaseUrl: string,
  { ingress, admin }: Listeners,
): Variables {
  return {
    ...variables,
    DATABASE_URL: databaseUrl,
    QUEUE_URL: readSecret(variables, 'QUEUE_URL').value?.trim() ?? databaseUrl,
    INGRESS_HOST: ingress.host,
    INGRESS_PORT: String(ingress.port),
    ADMIN_HOST: admin.host,
    ADMIN_PORT: String(admin.port),
    LOG_LEVEL: logLevel,
  };
}

function start(
  { home, lock, acquired, given, stopping }: Instance,
  name: 'worker' | 'ingress',
  address: Address,
  environment: Variables,
): Promise<StartedService> {
  return step(name, async ({ say }) => {
    const logFile = openLog(home, name);
    const logView = openLogView(given.LOG_LEVEL !== undefined);
    const begin = () =>
      startService({
        script: inClone(`packages/${name}/dist/main.js`),
        environment,
        logFile,
        onLine: logView.show,
        onSpawn: (pid) => lock.note(name, pid),
      });
    const supervised = await supervise(`The ${name}`, begin, warn);
    acquired.push({ name, ...supervised });
    const readyUrl = `${nearUrl(address)}/health/ready`;
    const ended = supervised.exited.then(({ how }) => how);
    const problem = await Promise.race([waitUntilReady(readyUrl, stopping), ended]);
    stopping.throwIfAborted();
    if (problem !== '') throw failureOf(`The ${name} did not start (${problem})`, logView);
    say(nearUrl(address));
    return { name, readyUrl, supervised, logView };
  });
}

/** Of a service that has told what is wrong with its configuration: that alone. Else the last that it said. */
export function failureOf(what: string, logView: LogView): Error {
  const problems = logView.problems();
  if (problems.length > 0) return new PlainError(`${what}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  return new CommandError(what, logView.lastLines());
}
