/** The end of one call: at its time, or when the process stops; and the moment from which nobody waits for it any more. */

/** A handler that does not listen to its signal is left behind after so long. */
const graceMs = 1_000;

/**
 * `AbortSignal.any()` would be shorter, but each signal that Node 20 makes that way stays registered with the long-lived one for ever: measured,
 * 80 bytes for every call.
 */
export class CallLimit {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #stop: AbortSignal;
  #graceTimer: NodeJS.Timeout | undefined;
  #leave: (error: unknown) => void = () => undefined;
  #timedOut = false;

  constructor(timeoutMs: number, stop: AbortSignal) {
    this.#stop = stop;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.#end(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'));
    }, timeoutMs);
    stop.addEventListener('abort', this.#onStop);
  }

  /** For the handler; its reason is a `TimeoutError` at the call's time. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get timedOut(): boolean {
    return this.#timedOut;
  }

  /** The result of `work`; rejects with the signal's reason when it goes on long after the signal. */
  async wait<T>(work: Promise<T>): Promise<T> {
    const left = new Promise<never>((_resolve, reject) => (this.#leave = reject));
    try {
      return await Promise.race([work, left]);
    } finally {
      clearTimeout(this.#timer);
      clearTimeout(this.#graceTimer);
      this.#stop.removeEventListener('abort', this.#onStop);
    }
  }

  readonly #onStop = () => this.#end(this.#stop.reason);

  #end(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#controller.abort(reason);
    this.#graceTimer = setTimeout(() => this.#leave(reason), graceMs);
  }
}
