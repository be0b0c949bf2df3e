/** ioredis's client, whose limit of time for an answer ends with the connection that owes the answer. */
import { Redis, type RedisOptions } from 'ioredis';

/** The field with its timer, as of 5.11.1; 6.0.0 does by itself what is done here (its pull request 2148). */
const timer = 'socketTimeoutTimer';

/** By itself it ends the next connection, which answers, once the time of the one before is up; and one that was closed keeps a process from ending for so long. */
export class RedisClient extends Redis {
  constructor(url: string, options: RedisOptions);
  constructor(options: RedisOptions);
  constructor(urlOrOptions: string | RedisOptions, options: RedisOptions = {}) {
    if (typeof urlOrOptions === 'string') super(urlOrOptions, options);
    else super(urlOrOptions);
    this.on('close', () => {
      clearTimeout(Reflect.get(this, timer));
      Reflect.set(this, timer, undefined);
    });
  }

  /** BullMQ makes its connections of ours by this. */
  override duplicate(override: Partial<RedisOptions> = {}): RedisClient {
    return new RedisClient({ ...this.options, ...override });
  }
}
