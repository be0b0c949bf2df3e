import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const withinMs = 30_000;

/** Resolves when the server on this port of 127.0.0.1 answers PING, its files loaded. */
export async function waitUntilRedisAnswers(port: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await ping(port)).startsWith('+PONG')) {
    if (Date.now() > end) throw new Error(`Redis on port ${port} does not answer within ${withinMs / 1000} s`);
    await sleep(20);
  }
}

async function ping(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  const signal = AbortSignal.timeout(1_000);
  try {
    await once(socket, 'connect', { signal });
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data', { signal })) as [string];
    return answer;
  } catch {
    return '';
  } finally {
    socket.destroy();
  }
}
