/** A way to a server on which some connections go dead as behind a router that forgot them: nothing is closed, nothing comes through. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface BlackHole {
  /** The server's URL, but through this. */
  url: string;
  /** From now on no connection on which a client ever sent something that matches carries anything, nor does one on which it will. */
  swallow(): void;
  /** From now on no connection that is there now carries anything, for good; new ones do. */
  bury(): void;
  close(): Promise<void>;
}

/** Before the server at `serverUrl`; `sent` tells the connections that will go dead by what clients send. */
export async function openBlackHole(serverUrl: string, sent = /$^/): Promise<BlackHole> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let swallowing = false;
  let burials = 0;
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    let matched = false;
    const born = burials;
    const isDead = () => burials > born || (swallowing && matched);
    client.on('data', (chunk) => {
      matched ||= sent.test(chunk.toString('latin1'));
      if (!isDead()) server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (!isDead()) client.write(chunk);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    url: url.href,
    swallow: () => void (swallowing = true),
    bury() {
      burials++;
    },
    async close() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
      await once(proxy, 'close');
    },
  };
}
