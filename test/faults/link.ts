/** One link of the cluster: a TCP proxy that can be cut, reset, slowed, stopped up, or cut between a request and its answer. */
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
    const pair: Pair = { near: near.setNoDelay(), far, doomed: false };
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
      if (pair.doomed) {
        this.#end(pair);
        return;
      }
      if (from === pair.near && this.#mode === 'unanswered' && this.isRequest(bytes)) pair.doomed = true;
      if (!to.write(bytes) && !to.destroyed) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
    to.end();
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
