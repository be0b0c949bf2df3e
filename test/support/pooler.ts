/** A way to a PostgreSQL server as through a connection pooler, as far as the start of a connection goes: it passes on, or refuses, what clients ask for. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

export interface Pooler {
  url: string;
  close(): Promise<void>;
}

/** `leavesOut`: "options" get lost, as with PgBouncer's ignore_startup_parameters; `refuses`: they are answered with its error. */
export async function openPooler(serverUrl: string, behaviour: 'leavesOut' | 'refuses'): Promise<Pooler> {
  const target = new URL(serverUrl);
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', () => other.destroy());
    }
    client.once('data', (startup) => {
      if (behaviour === 'refuses' && startup.includes('options\0')) client.end(errorOf('unsupported startup parameter: options'));
      else server.write(withoutOptions(startup));
      client.pipe(server);
    });
    server.pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = Object.assign(new URL(serverUrl), { host: `127.0.0.1:${(proxy.address() as AddressInfo).port}` });
  return {
    url: url.href,
    async close() {
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

/** A startup message is its length, the protocol's version, and names and values that end with a zero byte each (PostgreSQL, "Message Formats"). */
function withoutOptions(startup: Buffer): Buffer {
  const texts = startup.subarray(8).toString('latin1').split('\0');
  const at = texts.findIndex((text, index) => index % 2 === 0 && text === 'options');
  if (at >= 0) texts.splice(at, 2);
  const rest = Buffer.from(texts.join('\0'), 'latin1');
  const header = Buffer.alloc(8);
  header.writeInt32BE(8 + rest.length, 0);
  startup.copy(header, 4, 4, 8);
  return Buffer.concat([header, rest]);
}

function errorOf(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${message}\0\0`);
  const header = Buffer.from('E\0\0\0\0', 'latin1');
  header.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([header, fields]);
}
