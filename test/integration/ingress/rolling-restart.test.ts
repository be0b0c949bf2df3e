import { expect } from 'chai';
import { Agent, request } from 'node:http';
import { token } from '../../support/ingress.js';
import { until } from '../../support/poll.js';
import { endServices, startService, type Service } from '../../support/processes.js';
import { freePort } from '../../../packages/cli/src/system/ports.js';
import { openStores, type Stores } from '../../support/stores.js';

/**
 * A sender that keeps its connections, spreads over all instances and takes a refused connection to another one. It does not ask for readiness: what
 * holds for it, holds all the more behind a senders that does.
 */
class Senders {
  /** Everything but 200 and a refused connection, by which nothing was sent. */
  readonly failures: string[] = [];
  answered = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  #next = 0;
  #stopped = false;

  constructor(private readonly ports: readonly number[]) {}

  async run(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#sendOn()));
    this.#agent.destroy();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #sendOn(): Promise<void> {
    while (!this.#stopped) {
      const outcome = await this.#sendOne(this.ports[this.#next++ % this.ports.length]!);
      if (outcome === 'refused') continue;
      if (outcome === 200) this.answered++;
      else this.failures.push(String(outcome));
    }
  }

  #sendOne(port: number): Promise<number | string> {
    return new Promise((resolve) => {
      const post = request(
        {
          port,
          host: '127.0.0.1',
          method: 'POST',
          path: `/webhooks/esputnik/main/${token}`,
          agent: this.#agent,
          timeout: 15_000,
        },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
          response.on('error', (error) => resolve(error.message));
        },
      );
      post.on('timeout', () => post.destroy(new Error('no answer')));
      post.on('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code === 'ECONNREFUSED' ? 'refused' : `${error.code ?? ''} ${error.message}`),
      );
      post.end('[{"activityStatus":"READ"}]');
    });
  }
}

describe('a rolling restart under load', () => {
  let stores: Stores;
  before(async () => {
    stores = await openStores('postgres');
  });
  after(async () => {
    await endServices();
    await stores.drop();
  });

  it('gives no answer other than 200, and no request dies without one', async function () {
    this.timeout(120_000);
    const ports = [await freePort(), await freePort()];
    const start = async (port: number): Promise<Service> => {
      const service = await startService('ingress', {
        ...stores,
        port,
        config: `sources: { main: { tokens: [${token}] } }\nqueue: { allowVolatile: true }\n`,
      });
      await service.address();
      return service;
    };
    const services = await Promise.all(ports.map(start));
    const senders = new Senders(ports);
    const load = senders.run(24);
    await until('load is on', () => senders.answered > 200);
    for (const [index, port] of ports.entries()) {
      expect(await services[index]!.stop()).to.equal(0);
      services[index] = await start(port);
      const before = senders.answered;
      await until('load goes on', () => senders.answered > before + 100);
    }
    senders.stop();
    await load;
    expect(senders.failures).to.deep.equal([]);
    expect(senders.answered).to.be.greaterThan(500);
  });
});
