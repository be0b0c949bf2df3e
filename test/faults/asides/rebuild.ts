/** Log and statuses are made again from the bodies, while the feed goes on and the faults strike. */
import type { Cluster } from '../cluster.js';
import type { Aside } from './aside.js';
import { finishVidhuk, runVidhuk, type Command } from './run-vidhuk.js';

const command: Command = { name: 'rebuild', args: ['rebuild', '--yes'] };

export class Rebuild implements Aside {
  #amid: Promise<unknown> | undefined;

  begin(cluster: Cluster): () => void {
    const cutOff = new AbortController();
    this.#amid = runVidhuk(cluster, { ...command, signal: cutOff.signal });
    this.#amid.catch(() => undefined); // whoever finishes it hears of it
    return () => cutOff.abort();
  }

  /** Log and statuses are compared with the feed by whoever plays the seed; whether they are what the bodies say is asked here, once. */
  async finish(cluster: Cluster): Promise<string[]> {
    if (this.#amid === undefined) return [];
    await this.#amid;
    this.#amid = undefined;
    const unfinished = await finishVidhuk(cluster, command);
    return unfinished.length > 0 ? unfinished : finishVidhuk(cluster, { name: 'rebuild', args: ['rebuild', '--check'] });
  }
}
