/** Starts PostgreSQL, the worker and the ingress, in this order, and shows where they are. */
import { inCheckout, root } from '../checkout.mjs';
import { CommandError, runCommand } from '../command.mjs';
import { step } from '../step.mjs';
import { print, yellow } from '../terminal.mjs';
import { showBanner } from './banner.mjs';
import { startEmbeddedDatabase } from './embedded-database.mjs';
import { openLog, writePrivate } from './home.mjs';
import { openLogView, readable } from './log-view.mjs';
import { waitUntilReady } from './readiness.mjs';
import { startService } from './service.mjs';
import { serviceSettings, urlOf } from './settings.mjs';
import { supervise } from './supervise.mjs';

const warn = (/** @type {string} */ line) => print(yellow(line));

/** @typedef {import('./settings.mjs').Listener} Listener */

/**
 * @typedef {object} Instance
 * @property {string} home
 * @property {string} runFile receives what the command line tool needs to find this instance
 * @property {{ note: (service: string, pid: number) => void }} lock
 * @property {import('./service.mjs').Acquired} acquired
 * @property {NodeJS.ProcessEnv} env
 * @property {AbortSignal} stopping
 */

/**
 * @param {Instance} instance
 * @param {{ ingress: Listener, admin: Listener }} listeners
 */
export async function startServices({ home, runFile, lock, acquired, env, stopping }, listeners) {
  const database = env.DATABASE_URL?.trim()
    ? { url: env.DATABASE_URL.trim(), keep: () => undefined }
    : await step('PostgreSQL', (detail) => startEmbeddedDatabase(home, acquired, warn, detail));
  stopping.throwIfAborted();
  const settings = serviceSettings(home, database.url, listeners, env);
  const serviceEnv = { ...env, ...settings };
  await step('migrations', async () => {
    const cli = inCheckout('packages/cli/bin/vidhuk.mjs');
    await runCommand(process.execPath, [cli, 'migrate'], { cwd: root, env: serviceEnv, signal: stopping });
  });

  /** @param {'worker' | 'ingress'} name @param {Listener} listener */
  const start = (name, listener) =>
    step(name, async (detail) => {
      const logFile = openLog(home, name);
      const script = inCheckout(`packages/${name}/dist/main.js`);
      const onSpawn = (/** @type {number} */ pid) => lock.note(name, pid);
      const logView = openLogView(env.LOG_LEVEL !== undefined);
      const begin = () => startService({ script, env: serviceEnv, logFile, onLine: logView.show, onSpawn });
      const service = await supervise(`The ${name}`, begin, warn);
      acquired.push({ name, ...service });
      const problem = await Promise.race([waitUntilReady(`${urlOf(listener)}/health/ready`, stopping), service.exited]);
      stopping.throwIfAborted();
      if (problem !== '')
        throw new CommandError(`The ${name} did not start (${problem})`, logView.lastLines().map(readable).join('\n'));
      detail(urlOf(listener));
      return { keep: service.keep, showLog: logView.open };
    });
  const services = [await start('worker', listeners.admin), await start('ingress', listeners.ingress)];
  for (const { keep } of [database, ...services]) keep();

  const { DATABASE_URL, QUEUE_URL, VIDHUK_MAIN_TOKEN, ADMIN_TOKEN, INGRESS_PORT, ADMIN_PORT } = settings;
  writePrivate(runFile, { DATABASE_URL, QUEUE_URL, VIDHUK_MAIN_TOKEN, ADMIN_TOKEN, INGRESS_PORT, ADMIN_PORT });
  showBanner(home, settings, listeners, env);
  for (const { showLog } of services) showLog();
}
