/**
 * One fixed port in front of however many containers: `node docker/gateway.mjs 8080=ingress:8080 9090=worker:9090` listens on 8080 and 9090 and
 * hands each TCP connection to a container of that service, in turn; one that does not answer is passed over. Docker alone would publish
 * several containers on a range of ports, and moves each on within the range at every restart. Bytes pass as they are.
 */
import { resolve4 } from 'node:dns/promises';
import { connect, createServer } from 'node:net';

const connectMs = 2_000;
const lookupMs = 3_000; // a container that has just started is not in the DNS yet
const idleMs = 120_000; // longer than ingress and worker keep an idle connection
const lingerMs = 2_000;
const shutdownMs = 25_000;
const unavailable = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** Connections under way; of each, when bytes last passed and whether they were an answer's. */
const connections = new Map();
let turn = 0;

const log = (level, msg, more) =>
  console.log(JSON.stringify({ level, time: new Date().toISOString(), name: 'gateway', msg, ...more }));

const connectTo = (host, port) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    const fail = (error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(connectMs, () => fail(new Error(`no connection within ${connectMs} ms`)));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail).setTimeout(0).removeAllListeners('timeout');
      resolve(socket);
    });
  });

/** A connection to one of the service's containers, or undefined when none takes it. */
async function connectToAny(service, port) {
  let problem;
  for (const end = Date.now() + lookupMs; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 200))) {
    // Asked each time: it is Docker's own name server, and containers come and go.
    const addresses = (await resolve4(service).catch(() => [])).sort();
    const first = turn++;
    for (let i = 0; i < addresses.length; i++) {
      try {
        return await connectTo(addresses[(first + i) % addresses.length], port);
      } catch (error) {
        problem ??= error.message;
      }
    }
  }
  log('error', 'no container answers', { service, err: problem ?? 'none is known' });
  return undefined;
}

async function forward(client, service, port) {
  client.on('error', () => client.destroy());
  const upstream = await connectToAny(service, port);
  if (upstream === undefined) {
    client.resume().end(unavailable);
    setTimeout(() => client.destroy(), lingerMs);
    return;
  }
  const passed = { at: Date.now(), answering: false };
  connections.set(client, passed);
  const note = (answering) => () => Object.assign(passed, { at: Date.now(), answering });
  client.on('data', note(false)).pipe(upstream);
  upstream.on('data', note(true)).pipe(client);
  client.setTimeout(idleMs, () => client.destroy());
  upstream.on('error', () => upstream.destroy());
  // It may answer and close before it has read everything; what still comes is dropped, so that the answer is not lost to a reset.
  upstream.on('close', () => {
    client.unpipe(upstream).resume().end();
    setTimeout(() => client.destroy(), lingerMs).unref();
  });
  client.on('close', () => {
    connections.delete(client);
    upstream.destroy();
  });
  if (client.destroyed) upstream.destroy();
}

const servers = process.argv.slice(2).map((route) => {
  const [, port, service, target] = /^(\d+)=([^:]+):(\d+)$/.exec(route) ?? [];
  if (target === undefined) throw new Error(`"${route}" is not of the form PORT=SERVICE:PORT`);
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    void forward(client, service, Number(target));
  });
  return server.listen(Number(port), '0.0.0.0', () => log('info', 'listening', { port: Number(port), service }));
});

/** Takes no new connection, lets requests under way have their answers, and goes. */
function stop() {
  const end = Date.now() + shutdownMs;
  servers.forEach((server) => server.close());
  setInterval(() => {
    for (const [client, { at, answering }] of connections) if (answering && Date.now() - at > 500) client.destroy();
    if (connections.size === 0 || Date.now() > end) process.exit(0);
  }, 100);
}
process.once('SIGTERM', stop).once('SIGINT', stop);
