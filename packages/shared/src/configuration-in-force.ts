/** The configuration that a process runs, and what became of the file since: it may be read again, and refused. */
import { resolve } from 'node:path';
import { ConfigurationError, messageOf } from './errors.js';
import type { Logger } from './logger.js';
import type { ReadConfiguration } from './read-configuration.js';

/** As `GET /configuration` tells it. Times are ISO 8601. Names only, no value of a setting. */
export interface ConfigurationStatus {
  /** Absolute path. */
  file: string;
  /** Of the file as it was when it was last taken; see `fingerprint.ts`. */
  fingerprint: string;
  /** When the reading began that was last taken. */
  loadedAt: string;
  /** When the latest reading began, taken or refused. */
  readAt: string;
  /** What changed with the reading that was last taken; nothing after the start. */
  taken: string[];
  /** What stands in the file and is not in force. */
  waitsForRestart: string[];
  /** Why the latest reading was refused; then the one before it is in force. */
  problem: string | null;
}

/** What of another configuration a running process can take. */
export interface Adoption<C> {
  /** What runs from now on: the other configuration, with the old settings where they wait for a restart. */
  running: C;
  taken: string[];
  waitsForRestart: string[];
}

export interface ReloadSteps<C> {
  /** Throws a {@link ConfigurationError} for what is refused. */
  read: () => Promise<ReadConfiguration<C>>;
  adopt: (running: C, next: C) => Adoption<C>;
  /** Puts what was adopted to work; rejects only when the process ends before that. */
  take?: (running: C) => Promise<void>;
  log: Logger;
}

export class ConfigurationInForce<C> {
  #running: C;
  #status: ConfigurationStatus;

  constructor(path: string, { config, fingerprint, readAt }: ReadConfiguration<C>) {
    this.#running = config;
    const loadedAt = readAt.toISOString();
    this.#status = {
      file: resolve(path),
      ...{ fingerprint, loadedAt, readAt: loadedAt, taken: [], waitsForRestart: [], problem: null },
    };
  }

  get running(): C {
    return this.#running;
  }

  get status(): ConfigurationStatus {
    return this.#status;
  }

  /** Reads again and takes what it can; what is refused changes nothing. Never rejects: the log and the status tell. One at a time. */
  async reload({ read, adopt, take, log }: ReloadSteps<C>): Promise<void> {
    const began = new Date().toISOString();
    const next = await read().catch((error: unknown) => {
      const problems = error instanceof ConfigurationError ? error.problems : [messageOf(error)];
      log.error({ problems, err: messageOf(error) }, 'the configuration was refused, the old one stays in force');
      this.#status = { ...this.#status, readAt: began, problem: messageOf(error) };
    });
    if (next === undefined) return;
    const { running, taken, waitsForRestart } = adopt(this.#running, next.config);
    this.#running = running;
    try {
      await take?.(running);
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'the configuration was read again, and the process ended before it was taken');
      return;
    }
    log.info({ taken, waitsForRestart }, 'the configuration was read again');
    for (const setting of waitsForRestart) log.warn(`${setting} waits for a restart`);
    const readAt = next.readAt.toISOString();
    this.#status = {
      ...this.#status,
      ...{ fingerprint: next.fingerprint, loadedAt: readAt, readAt, taken, waitsForRestart, problem: null },
    };
  }
}
