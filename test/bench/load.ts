/** The sender's side: seeded bodies, posted as fast as answers come or at a given pace. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { generateBatches, type GenerateOptions } from '../../packages/simulator/src/generate.js';

export type Load = Required<Pick<GenerateOptions, 'activities' | 'batchSize' | 'contacts'>> &
  Pick<GenerateOptions, 'days'> & {
    /** Few opt out, as in a feed between two campaigns: 0.07 % of the activities, all of them in every other batch. */
    fewOptOuts?: boolean;
  };

/** The bodies of a load: the same ones every time; other `seed`, other world. */
export const bodiesOf = ({ fewOptOuts = false, ...load }: Load, seed = 1): Buffer[] =>
  Array.from(generateBatches({ seed, ...load }), ({ body }, nth) => Buffer.from(fewOptOuts ? withFewOptOuts(body, nth) : body));

type Element = Record<string, unknown>;

/** Of the activities of every other batch. */
const optOutEvery = 714;
const optOuts = ['UNSUBSCRIBED', 'SPAM', 'SUBSCRIPTION_CHANGED'];

function withFewOptOuts(body: string, nth: number): string {
  const elements = JSON.parse(body) as Element[];
  const before = (nth / 2) * elements.length;
  return JSON.stringify(
    elements.map((element, at): Element => {
      if (nth % 2 === 0 && (before + at) % optOutEvery === 0) return { ...element, activityStatus: 'UNSUBSCRIBED' };
      return optOuts.includes(String(element.activityStatus)) ? { ...element, activityStatus: 'READ' } : element;
    }),
  );
}

export class Client {
  readonly #agent: Agent;

  constructor(private readonly connections: number) {
    this.#agent = new Agent({ connections, pipelining: 1 });
  }

  /** Posts one body and gives the milliseconds until its whole answer; anything but 200 is an error. */
  async post(url: string, body: Buffer): Promise<number> {
    const { origin, pathname: path } = new URL(url);
    const started = performance.now();
    const headers = { 'content-type': 'application/json' };
    const answer = await this.#agent.request({ origin, path, method: 'POST', headers, body });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`);
    return performance.now() - started;
  }

  /** Posts all, on all connections; gives the milliseconds of each answer. */
  async postAll(url: string, bodies: Iterable<Buffer>): Promise<number[]> {
    const rest = bodies[Symbol.iterator]();
    const times: number[] = [];
    const work = async () => {
      for (let next = rest.next(); next.done !== true; next = rest.next()) times.push(await this.post(url, next.value));
    };
    await Promise.all(Array.from({ length: this.connections }, work));
    return times;
  }

  /**
   * Posts so many a second, each at its own time whether or not those before were answered; gives the milliseconds of each answer, counted from the
   * time at which it was due: a receiver that stands still does not hide those that wait.
   */
  async postAtRate(url: string, bodies: readonly Buffer[], perSecond: number): Promise<number[]> {
    const times: number[] = [];
    const pending = new Set<Promise<void>>();
    const begun = performance.now();
    for (const [index, body] of bodies.entries()) {
      const due = begun + (index / perSecond) * 1_000;
      if (due > performance.now()) await sleep(due - performance.now());
      const from = Math.min(due, performance.now()); // timers may be a little early
      const answered = this.post(url, body).then(() => {
        times.push(performance.now() - from);
        pending.delete(answered);
      });
      pending.add(answered); // not all, each with a timer of its own: V8 would copy thousands of them with every collection of garbage
      answered.catch(() => undefined); // stays among the pending, and is thrown at the end
    }
    await Promise.all(pending);
    return times;
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}
