/** One link of the cluster: a TCP proxy that can be cut, reset, slowed, stopped up, cut between a request and its answer, or forget its connections. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * open: bytes flow. cut: nobody gets through. hole: connections stay, and bytes wait, as the retransmissions of TCP do. slow: each piece waits
 * a while. unanswered: a request arrives and is worked on, but the connection ends before the answer comes back.
 */
export type LinkMode = 'open' | 'cut' | 'hole' | 'slow' | 'unanswered';

interface Pair {
  near: Socket;
  far: Socket;
  /** The request went through; the answer will not. */
  doomed: boolean;
  /** It stays open, and nothing comes through any more, for good. */
  buried: boolean;
  /** What is still to be told its server, behind the client's back. */
  order: Order | undefined;
}

/** Something for a server that takes orders only when it has answered all that it was asked. */
export interface Order {
  text: Buffer;
  /** Whether this piece ends what the server says, so that it waits for the next request. */
  isAnswered: (bytes: Buffer) => boolean;
}

const slowMs = 60;

export class Link {
  #mode: LinkMode = 'open';
  /** Pieces that wait for the hole to end. */
  readonly #waiting: (() => void)[] = [];
  readonly #pairs = new Set<Pair>();
  readonly #server: Server;

  private constructor(
    /** Where a new connection goes; asked each time. */
    private readonly target: () => number,
    /** Whether the loss of the answer to this request would be worth trying. */
    private readonly isRequest: (bytes: Buffer) => boolean,
  ) {
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#accept(near));
  }

  static async open(target: () => number, isRequest: (bytes: Buffer) => boolean = () => true): Promise<Link> {
    const link = new Link(target, isRequest);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  set mode(mode: LinkMode) {
    this.#mode = mode;
    if (mode === 'cut') this.reset();
    if (mode === 'hole') return;
    for (const pass of this.#waiting.splice(0)) pass();
  }

  /** Ends every connection with a RST; new ones are not concerned. */
  reset(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  /** The connections of this moment are dead from now on, and nobody tells; new ones are fine. */
  bury(): void {
    for (const pair of this.#pairs) pair.buried = true;
  }

  /** Gives an order to the servers of the connections of this moment, once each is at rest; what they say to it reaches nobody. */
  tell(order: Order): void {
    for (const pair of this.#pairs) pair.order = order;
  }

  async close(): Promise<void> {
    this.mode = 'cut';
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(near: Socket): void {
    near.on('error', () => undefined); // the other pump of the pair notices too
    if (this.#mode === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: this.target(), host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair: Pair = { near: near.setNoDelay(), far, doomed: false, buried: false, order: undefined };
    this.#pairs.add(pair);
    far.on('error', () => this.#end(pair));
    const pumps = [this.#pump(pair, near, far), this.#pump(pair, far, near)];
    void Promise.all(pumps).then(
      () => this.#end(pair),
      () => this.#end(pair),
    );
  }

  async #pump(pair: Pair, from: Socket, to: Socket): Promise<void> {
    for await (const bytes of from as AsyncIterable<Buffer>) {
      await this.#passage();
      if (pair.buried) continue;
      if (from === pair.far && pair.order?.isAnswered(bytes) === true) await this.#obey(pair, pair.order);
      if (pair.doomed) {
        this.#end(pair);
        return;
      }
      if (from === pair.near && this.#mode === 'unanswered' && this.isRequest(bytes)) pair.doomed = true;
      if (!to.write(bytes) && !to.destroyed) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
    to.end();
  }

  /** The piece that ends the answer waits here, so the client sends nothing. Whatever has been lost of the answer to it, the connection ends. */
  async #obey(pair: Pair, { text, isAnswered }: Order): Promise<void> {
    pair.order = undefined;
    pair.far.write(text);
    for (let said = Buffer.alloc(0); !pair.far.destroyed && !isAnswered(said);) {
      const piece = pair.far.read() as Buffer | null;
      if (piece === null) await Promise.race([once(pair.far, 'readable'), once(pair.far, 'close')]);
      else said = Buffer.concat([said, piece]);
    }
  }

  async #passage(): Promise<void> {
    if (this.#mode === 'slow') await sleep(slowMs);
    while (this.#mode === 'hole') await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #end(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    for (const socket of [pair.near, pair.far]) {
      // Node never closes the handle of a socket that is reset after its end was sent.
      if (socket.writableEnded) socket.destroy();
      else if (!socket.destroyed) socket.resetAndDestroy();
    }
  }
}
