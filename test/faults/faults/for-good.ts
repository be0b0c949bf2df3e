/** What never gets well again: connections that are dead, and a server that does not write any more. New connections are fine. */
import type { OwnServer } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { sendRedis } from '../../support/stores.js';
import type { Cluster } from '../cluster.js';
import { linksOf, nothingToHeal, type ClusterShape, type FaultKind } from '../fault.js';
import type { Order } from '../link.js';

/** Messages of PostgreSQL's protocol: a simple query; ReadyForQuery outside of a transaction. */
function query(statement: string): Buffer {
  const text = Buffer.from(`${statement}\0`);
  const head = Buffer.from('Q\0\0\0\0');
  head.writeInt32BE(text.length + 4, 1);
  return Buffer.concat([head, text]);
}
const ready = Buffer.from('Z\0\0\0\x05I');
const turnReadOnly: Order = {
  text: query('set session characteristics as transaction read only'),
  isAnswered: (bytes) => bytes.subarray(-ready.length).equals(ready),
};

const linksToPostgres = (shape: ClusterShape): string[] =>
  linksOf(shape).filter((name) => name.endsWith('>database') || (shape.backend === 'postgres' && name.endsWith('>queue')));

const tell = async (server: OwnServer, command: string): Promise<void> => {
  const answer = await sendRedis(server.url, command);
  if (!answer.startsWith('+OK')) throw new Error(`${command}: ${answer}`);
};
const replication = async (server: OwnServer, figure: string): Promise<string | undefined> =>
  new RegExp(`^${figure}:(\\S+)`, 'm').exec(await sendRedis(server.url, 'INFO replication'))?.[1];

/** Another server has all that this one has, and takes its place; this one stays, as its replica, with the connections that it has. */
async function failOver(cluster: Cluster, old: OwnServer): Promise<OwnServer> {
  const next = await cluster.newRedis();
  try {
    const portOf = ({ url }: OwnServer) => new URL(url).port;
    await tell(next, `REPLICAOF 127.0.0.1 ${portOf(old)}`);
    const within = { timeoutMs: 10_000, everyMs: 20 };
    await until('it follows', async () => (await replication(next, 'master_link_status')) === 'up', within);
    // What it has copied is in its memory only until then: a crash would lose what the old one had on its disk.
    const hasFile = async () => /^aof_rewrite_in_progress:0/m.test(await sendRedis(next.url, 'INFO persistence'));
    await until('it has a file', hasFile, { timeoutMs: 4_000, everyMs: 10 });
    await tell(old, 'CLIENT PAUSE 5000 WRITE');
    const offset = async () => (await replication(old, 'master_repl_offset')) === (await replication(next, 'slave_repl_offset'));
    await until('it has everything', offset, { timeoutMs: 4_000, everyMs: 10 });
    await tell(next, 'REPLICAOF NO ONE');
    await tell(old, `REPLICAOF 127.0.0.1 ${portOf(next)}`);
    await tell(old, 'CLIENT UNPAUSE');
    return next;
  } catch (error) {
    await next.kill();
    throw error;
  }
}

/** Servers that others have taken the place of. */
const replaced = new WeakMap<Cluster, OwnServer>();

export const forGoodFaults: FaultKind[] = [
  {
    name: 'present connections dead for good, new ones fine',
    forMs: [0, 0],
    targets: linksOf,
    strike(cluster, target) {
      cluster.link(target).bury();
      return Promise.resolve(nothingToHeal);
    },
  },
  {
    name: 'PostgreSQL read-only for good behind the same address',
    weight: 0.5,
    forMs: [0, 0],
    targets: (shape) => (linksToPostgres(shape).length > 0 ? ['postgres'] : []),
    strike(cluster) {
      for (const name of linksToPostgres(cluster.shape)) cluster.link(name).tell(turnReadOnly);
      return Promise.resolve(nothingToHeal);
    },
  },
  {
    name: 'Redis read-only for good behind the same address',
    weight: 0.5,
    forMs: [0, 0],
    targets: ({ backend }) => (backend === 'redis' ? ['redis'] : []),
    async strike(cluster) {
      await cluster.store('redis').succeed(async (old) => {
        const next = await failOver(cluster, old);
        await replaced.get(cluster)?.kill();
        replaced.set(cluster, old);
        return next;
      });
      return nothingToHeal;
    },
  },
];
