/** All that `vidhuk status` shows, looked up at once, each part with an end to its waiting. */
import { loadConfiguration, messageOf, withDeadline } from '@vidhuk/shared';
import { localWebhookUrl } from '@vidhuk/simulator';
import type { CliEnvironment } from '../environment.js';
import { isForbidden } from '../doctor/check.js';
import { readSettings } from '../settings.js';
import { readDatabase, type DatabaseStatus } from './read-database.js';
import { askProcess, type ProcessStatus } from './ask-process.js';
import { readQueue, type QueueStatus } from './read-queue.js';

/** What could not be looked up says why; `forbidden`: to this user, who is support and no owner, so that nothing is wrong. */
export type Part<T> = T | { error: string; forbidden?: true };

export interface Status {
  urls: { webhook: string | null; admin: string };
  processes: ProcessStatus[];
  database: Part<DatabaseStatus>;
  queue: Part<QueueStatus>;
  /** The sources of the configuration. */
  sources: Part<string[]>;
}

/** ms for each part; a well instance takes a fraction of it. */
const patienceMs = 5_000;

/** Throws where nothing is configured. */
export async function readStatus(environment: CliEnvironment): Promise<Status> {
  const settings = readSettings(environment);
  const look = <T>(what: string, work: Promise<T>): Promise<Part<T>> =>
    withDeadline(what, patienceMs, work).catch((error: unknown) =>
      isForbidden(error)
        ? { error: `${what}: not looked at, this user may not (${messageOf(error)})`, forbidden: true }
        : { error: named(what, messageOf(error)) },
    );
  const [ingress, worker, database, queue, sources] = await Promise.all([
    askProcess('ingress', settings.ingress),
    askProcess('worker', settings.admin),
    look('the database', readDatabase(settings.databaseUrl)),
    look('the queue', readQueue(settings.queueUrl)),
    look(
      'the configuration',
      loadConfiguration(settings.configPath, environment).then((config) => Object.keys(config.sources)),
    ),
  ]);
  return {
    urls: { webhook: localWebhookUrl(environment) ?? null, admin: `http://${worker.at}/queues` },
    processes: [ingress, worker],
    database,
    queue,
    sources,
  };
}

/** Of which part it was; a deadline says so itself. */
const named = (what: string, message: string): string => (message.startsWith(what) ? message : `${what}: ${message}`);
