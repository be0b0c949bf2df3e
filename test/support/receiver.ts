/** A local server that keeps what it is sent and answers as it is told, also in ways that no server should. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedCall {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Reply =
  number | { status: number; headers?: Record<string, string>; body?: string } | ((response: ServerResponse) => void);

export interface Receiver {
  /** Origin, without a slash at its end. */
  url: string;
  port: number;
  calls: ReceivedCall[];
  /** Answers of the next calls, in order; after them 200. */
  reply(...replies: Reply[]): void;
  /** Drops answers that no call has taken. */
  forgetReplies(): void;
  /** Opened so far. */
  connections(): number;
  /** Still open. */
  openConnections(): number;
  close(): Promise<void>;
}

/** Never answers. */
export const hang: Reply = () => undefined;

export async function startReceiver(): Promise<Receiver> {
  const calls: ReceivedCall[] = [];
  const replies: Reply[] = [];
  let connections = 0;
  let open = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      calls.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      answer(response, replies.shift() ?? 200);
    });
  });
  server.on('connection', (socket) => {
    connections++;
    open++;
    socket.on('close', () => open--);
    socket.on('error', () => undefined); // whoever hangs up is no concern of ours
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    calls,
    reply: (...next) => void replies.push(...next),
    forgetReplies: () => void replies.splice(0),
    connections: () => connections,
    openConnections: () => open,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function answer(response: ServerResponse, reply: Reply): void {
  if (typeof reply === 'function') reply(response);
  else if (typeof reply === 'number') response.writeHead(reply).end();
  else response.writeHead(reply.status, reply.headers).end(reply.body);
}
