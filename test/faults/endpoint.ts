/** Whoever is told of follow-ups: keeps what came under which webhook-id, and answers well, badly or not at all. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Ways to answer; `well` is 200. `forgetful` does the work and loses the answer. */
export const misbehaviours = {
  slow: (response) => void setTimeout(() => response.end('ok'), 700),
  dead: (response) => void response.socket?.resetAndDestroy(),
  silent: () => undefined,
  forgetful: (response) => void response.socket?.destroy(),
  500: (response) => void response.writeHead(500).end('out of order'),
  429: (response) => void response.writeHead(429, { 'retry-after': '1' }).end(),
  410: (response) => void response.writeHead(410).end(),
  garbage: (response) => void response.socket?.end('\u0000\u0001 this is no HTTP\r\n\r\n'),
  half: (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half of it');
    response.socket?.end();
  },
} satisfies Record<string, (response: ServerResponse) => void>;
export type Misbehaviour = keyof typeof misbehaviours;

/** One webhook-id. */
export interface Delivery {
  action: string;
  /** Keys of the activities in its first body. */
  activities: string[];
  calls: number;
  /** Calls that were answered with a whole 200. */
  answered: number;
  /** Of every different body that came; one, if all is well. */
  bodies: Set<string>;
}

interface Body {
  action: string;
  activity?: { key: string };
  activities?: { activity: { key: string } }[];
}

export class Endpoint {
  readonly deliveries = new Map<string, Delivery>();
  misbehaviour: Misbehaviour | undefined;
  readonly #server: Server = createServer((request, response) => void this.#receive(request, response));

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined); // whoever hangs up calls again
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return; // half a request is none
    }
    const delivery = this.#keep(String(request.headers['webhook-id']), Buffer.concat(chunks));
    response.on('finish', () => (delivery.answered += response.statusCode === 200 ? 1 : 0)); // half an answer never finishes
    if (this.misbehaviour === undefined) response.end('ok');
    else misbehaviours[this.misbehaviour](response);
  }

  #keep(id: string, body: Buffer): Delivery {
    const delivery = this.deliveries.get(id) ?? describe(body);
    this.deliveries.set(id, delivery);
    delivery.calls++;
    delivery.bodies.add(createHash('sha256').update(body).digest('base64'));
    return delivery;
  }
}

function describe(body: Buffer): Delivery {
  const { action, activity, activities = [] } = JSON.parse(body.toString()) as Body;
  const keys = [...(activity === undefined ? [] : [activity]), ...activities.map((item) => item.activity)].map(({ key }) => key);
  return { action, activities: keys, calls: 0, answered: 0, bodies: new Set() };
}
