/** Hearing the signal to read the configuration again. It loads nothing else, so that a process hears it before the rest of it is loaded. */

/** From its making on the signal ends the process no more, until the last moment. */
export class Reloads {
  #asked = false;
  #reload: (() => Promise<void>) | undefined;
  #underWay: Promise<void> | undefined;

  static on(signal: NodeJS.Signals): Reloads {
    const reloads = new Reloads();
    process.on(signal, () => reloads.ask());
    return reloads;
  }

  /** Several that come while a reading is under way lead to one more: it begins after the last of them. */
  ask(): void {
    this.#asked = true;
    if (this.#reload === undefined || this.#underWay !== undefined) return;
    this.#underWay = this.#work().finally(() => (this.#underWay = undefined));
  }

  /**
   * From now on `reload` is called, which must not reject; at once if it was asked for already. Gives the way to stop, which waits for what is under
   * way: whoever asks later is not heard.
   */
  begin(reload: () => Promise<void>): () => Promise<void> {
    this.#reload = reload;
    if (this.#asked) this.ask();
    return async () => {
      this.#reload = undefined;
      await this.#underWay;
    };
  }

  async #work(): Promise<void> {
    while (this.#asked && this.#reload !== undefined) {
      this.#asked = false;
      await this.#reload();
    }
  }
}
