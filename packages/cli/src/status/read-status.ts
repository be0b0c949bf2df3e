/** All that `vidhuk status` shows, looked up at once, each part with an end to its waiting. */
import { ConfigurationError, loadConfiguration, messageOf, withDeadline } from '@vidhuk/shared';
import { isForbidden, type Finding } from '../doctor/check.js';
import type { CliEnvironment } from '../environment.js';
import { examineInForce } from '../in-force/examine-in-force.js';
import { localWebhookUrl } from '../local-webhook-url.js';
import { readSettings } from '../settings.js';
import { readDatabase, type DatabaseStatus } from './read-database.js';
import { askProcess, type ProcessStatus } from './ask-process.js';
import { readQueues, type QueueStatus } from './read-queue.js';

/** What could not be looked up says why; `forbidden`: to this user, who is support and no owner, so that nothing is wrong. */
type Part<T> = T | { error: string; forbidden?: true };

export interface Status {
  urls: { webhook: string | null; admin: string };
  processes: ProcessStatus[];
  database: Part<DatabaseStatus>;
  /** Of batches. */
  queue: Part<QueueStatus>;
  /** Of requests of workflows; where the store is away, it says the same as `queue`. */
  requestQueue: Part<QueueStatus>;
  /** The sources of the configuration. */
  sources: Part<string[]>;
  /** Whether the processes run what stands in the file. */
  inForce: Part<Finding[]>;
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
        : { error: named(what, inOneLine(error)) },
    );
  const [ingress, worker, webhook, database, queues, sources, inForce] = await Promise.all([
    askProcess('ingress', settings.ingress),
    askProcess('worker', settings.admin),
    localWebhookUrl(environment),
    look('the database', readDatabase(settings.databaseUrl)),
    look('the queue', readQueues(settings.queueUrl)),
    look(
      'the configuration',
      loadConfiguration(settings.configPath, environment).then((config) => Object.keys(config.sources)),
    ),
    look('the configuration in force', examineInForce(settings, environment)),
  ]);
  return {
    urls: { webhook: webhook ?? null, admin: `http://${worker.at}/queues` },
    processes: [ingress, worker],
    database,
    queue: 'error' in queues ? queues : queues.batches,
    requestQueue: 'error' in queues ? queues : queues.requests,
    sources,
    inForce,
  };
}

/** Each problem of a configuration stands in a line of its own. */
const inOneLine = (error: unknown): string =>
  error instanceof ConfigurationError ? error.problems.join('; ') : messageOf(error);

/** Of which part it was; a deadline says so itself. */
const named = (what: string, message: string): string => (message.startsWith(what) ? message : `${what}: ${message}`);
