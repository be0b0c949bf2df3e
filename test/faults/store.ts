/** Redis or PostgreSQL as faults strike it: several may hold it down at once, and it comes back when the last one lets go. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnServer } from '../support/own-server.js';

/** As often as Docker would try, on a disk that is still full. */
const startAttempts = 100;

export class Store {
  #holders = 0;
  #order: Promise<void> = Promise.resolve();

  constructor(private current: OwnServer) {}

  get server(): OwnServer {
    return this.current;
  }

  get port(): number {
    return Number(new URL(this.server.url).port);
  }

  /** Ends it, in order or as a crash does, and keeps it down until `release`. */
  bringDown(how: 'kill' | 'stop'): Promise<void> {
    return this.#next(async () => {
      if (this.server.isRunning()) {
        this.server.thaw(); // who is frozen does not end
        await this.server[how]();
      }
      this.#holders++; // whoever failed holds nothing, and will not let go
    });
  }

  release(): Promise<void> {
    return this.#next(async () => {
      this.#holders--;
      await this.#startIfDown();
    });
  }

  /** Starts it if it has ended by itself, and nobody holds it down. */
  restart(): Promise<void> {
    return this.#next(() => this.#startIfDown());
  }

  /** Another server takes its place, where `takeOver`, which may not take long, gives one; rejects where it is down. */
  succeed(takeOver: (server: OwnServer) => Promise<OwnServer>): Promise<void> {
    return this.#next(async () => {
      if (!this.server.isRunning()) throw new Error('it is down');
      this.current = await takeOver(this.current);
    });
  }

  freeze(): Promise<void> {
    return this.#next(() => (this.server.isRunning() ? this.server.freeze() : undefined));
  }

  thaw(): Promise<void> {
    return this.#next(() => (this.server.isRunning() ? this.server.thaw() : undefined));
  }

  async #startIfDown(): Promise<void> {
    for (let attempt = 1; this.#holders === 0 && !this.server.isRunning(); attempt++) {
      try {
        await this.server.start();
      } catch (error) {
        if (attempt >= startAttempts) throw error;
        await sleep(200);
      }
    }
  }

  /** One after the other, whatever became of those before. */
  #next(work: () => Promise<void> | void): Promise<void> {
    const done = this.#order.then(work);
    this.#order = done.catch(() => undefined);
    return done;
  }
}
