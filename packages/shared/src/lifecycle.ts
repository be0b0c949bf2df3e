/** How a process starts and ends: resources register their closers, and they close in reverse order under a deadline. */
import { withDeadline } from './deadline.js';
import { cannotHeal, ConnectionFailure } from './connection-failure.js';
import { ConfigurationError, messageOf } from './errors.js';
import type { ReadinessCheck } from './health.js';
import type { Logger } from './logger.js';

/** sysexits.h: EX_CONFIG, what the operator has to mend. */
const exitConfiguration = 78;

/** The closers of everything that was acquired, last acquired first closed. */
export class Lifecycle {
  readonly #closers: { name: string; close: () => Promise<void> | void }[] = [];
  readonly #stopping = new AbortController();

  /** Aborts when shutdown begins: long waits end, no new work is taken. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Not ready once shutdown has begun. */
  get readiness(): ReadinessCheck {
    const check = () => (this.signal.aborted ? Promise.reject(new Error('stopping')) : Promise.resolve());
    return { name: 'running', check };
  }

  /** Throws once shutdown has begun, so that a start which is still under way goes no further; what it has just acquired is closed with the rest. */
  onClose(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close });
    this.signal.throwIfAborted();
  }

  /** Closes everything within `deadlineMs` in all; what hangs or fails is named in `log` and left behind. Gives false if anything was. */
  async close(log: Logger, deadlineMs: number): Promise<boolean> {
    this.#stopping.abort(new Error('shutting down'));
    const end = performance.now() + deadlineMs;
    let clean = true;
    for (let closer = this.#closers.pop(); closer !== undefined; closer = this.#closers.pop()) {
      const { name, close } = closer;
      try {
        await withDeadline(`closing ${name}`, Math.max(end - performance.now(), 100), Promise.resolve(close()));
      } catch (error) {
        clean = false;
        log.warn({ resource: name, err: messageOf(error) }, 'could not be closed');
      }
    }
    return clean;
  }
}

/** Ends the process after an orderly close; the second argument becomes the exit code. */
export type Stop = (reason: string, exitCode: number) => void;

/** What every part of a running process may need: to say something, to be closed at the end, and to end it all. */
export interface Service {
  log: Logger;
  lifecycle: Lifecycle;
  stop: Stop;
}

/**
 * Runs one service: `start` acquires and registers, then SIGTERM, SIGINT or the loss of a supervising parent (its IPC channel) closes
 * everything and exits 0. A failed start closes what it had acquired and exits 1, or 78 with every problem listed for a
 * {@link ConfigurationError} and for a connection that waiting cannot heal. `shutdownMs` bounds the whole close.
 */
export async function runService(log: Logger, shutdownMs: number, start: (service: Service) => Promise<void>): Promise<void> {
  const lifecycle = new Lifecycle();
  const stop: Stop = (reason, exitCode) => {
    if (lifecycle.signal.aborted) return;
    log.info({ reason }, 'stopping');
    void lifecycle.close(log, shutdownMs).then(() => {
      log.info({ exitCode }, 'stopped');
      process.exit(exitCode);
    });
  };
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  process.on('disconnect', () => stop('the parent process is gone', 0));
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection');
    stop('unhandled rejection', 1);
  });
  try {
    await start({ log, lifecycle, stop });
  } catch (error) {
    if (lifecycle.signal.aborted) return;
    if (error instanceof ConfigurationError) log.fatal({ problems: error.problems }, error.message);
    else if (error instanceof ConnectionFailure) log.fatal(error.message);
    else log.fatal({ err: error }, 'could not start');
    stop('failed start', error instanceof ConfigurationError || cannotHeal(error) ? exitConfiguration : 1);
  }
}
