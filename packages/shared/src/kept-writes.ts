/**
 * Whether Redis keeps what it has taken. A server that has just copied all of another one, as a replica does before it is promoted, or whose AOF has just been
 * switched on, has a file only once its first rewriting has ended. Until then it acknowledges writes, with `appendfsync always` as well, and a crash
 * loses every one of them (Redis 7.0.15: it starts empty). INFO does not tell that rewriting from a usual one, in which nothing can be lost: so what goes
 * on when a connection is made is waited for, and what begins later is not.
 */
import type { Redis } from 'ioredis';

export class KeptWrites {
  #connections = 0;
  /** Of this connection. */
  #areKept = false;

  constructor(private readonly redis: Pick<Redis, 'info' | 'on'>) {
    redis.on('close', () => {
      this.#connections++;
      this.#areKept = false;
    });
  }

  /** Of all that was taken before: a command may have gone out once more, by a connection that was made meanwhile. Rejects while they are not. */
  async check(): Promise<void> {
    if (this.#areKept) return;
    const asked = this.#connections;
    const about = await this.redis.info('persistence');
    if (/^aof_rewrite_(?:in_progress|scheduled):1/m.test(about))
      throw new Error('Redis is writing its whole file, and may keep nothing of what it takes until that is done');
    this.#areKept = asked === this.#connections;
  }
}
