/** Looks for due rows of all actions of this process with one statement, so that actions with nothing to do cost nothing. */
import { messageOf, withDeadline, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { selectDueActions } from './sql/select-due-actions.js';

export interface DuePollParts {
  dataSource: DataSource;
  log: Logger;
  /** Names of the actions that may call. */
  actions: () => readonly string[];
  /** There are rows for this action. */
  wake: (action: string) => void;
  pollMs: number;
}

/** One that takes longer is told, and not waited for. */
const answerMs = 10_000;

export class DuePoll {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #told = false;

  constructor(private readonly parts: DuePollParts) {}

  start(): void {
    if (this.#timer === undefined && !this.#stopped) this.#timer = setTimeout(() => void this.#look(), this.parts.pollMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const { dataSource, log, actions, wake } = this.parts;
    const names = actions();
    try {
      const due =
        names.length === 0 ? [] : await withDeadline('looking for due rows', answerMs, selectDueActions(dataSource, names));
      for (const action of due) wake(action);
      this.#told = false;
    } catch (error) {
      if (!this.#told) log.warn({ err: messageOf(error) }, 'due follow-ups could not be looked for, trying again');
      this.#told = true;
    } finally {
      this.#timer = undefined;
      this.start();
    }
  }
}
