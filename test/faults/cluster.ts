/** The system under test: two ingresses, three workers, their servers and an endpoint, every link between them through a proxy of ours. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../packages/cli/src/system/ports.js';
import { ownPostgres, ownRedis, type OwnServer } from '../support/own-server.js';
import { until } from '../support/poll.js';
import { openAsides, type Asides } from './asides/index.js';
import {
  actionNames,
  asideToken,
  configurationYaml,
  countingFunction,
  eraseKey,
  shortStatements,
  token,
} from './configuration.js';
import { Endpoint } from './endpoint.js';
import { linksOf, processesOf, serversOf, type ClusterShape } from './fault.js';
import { Link } from './link.js';
import { NameServer, receiverName } from './name-server.js';
import { canMakeSmallDisk, makeSmallDisk, type SmallDisk } from './small-disk.js';
import { Store } from './store.js';
import { Supervised } from './supervised.js';
import { findClockLibrary, WallClock } from './wall-clock.js';

const postgresSettings = {
  max_connections: '150',
  max_wal_size: '192MB',
  min_wal_size: '64MB',
  deadlock_timeout: '100ms',
  log_min_messages: 'fatal',
};

/** Of a server's disk. */
const mebibytes: Record<string, number> = { postgres: 1_500, redis: 300 };

const shapeOf = (backend: ClusterShape['backend'], has: Pick<ClusterShape, 'wallClocks' | 'nameServer'>): ClusterShape => ({
  backend,
  ingresses: ['ingress-1', 'ingress-2'],
  workers: ['worker-1', 'worker-2', 'worker-3'],
  smallDisk: canMakeSmallDisk(),
  ...has,
});

/** A commit, or whatever the queue is told: what was done and never heard of. */
const isCommit = (bytes: Buffer): boolean => /commit\0/i.test(bytes.toString('latin1'));

export class Cluster {
  readonly links = new Map<string, Link>();
  readonly processes = new Map<string, Supervised>();
  readonly stores = new Map<string, Store>();
  readonly clocks = new Map<string, WallClock>();
  readonly endpoint = new Endpoint();

  private constructor(
    readonly shape: ClusterShape,
    /** Logs and ledgers. */
    readonly folder: string,
    /** Of servers, by their names; empty where none can be made. */
    readonly disks: ReadonlyMap<string, SmallDisk>,
    private readonly clockLibrary: string | undefined,
    readonly nameServer: NameServer | undefined,
    readonly asides: Asides,
  ) {}

  /** Resolves when everything is ready. */
  static async start(backend: ClusterShape['backend'], folder: string): Promise<Cluster> {
    await mkdir(folder, { recursive: true });
    const clockLibrary = findClockLibrary();
    const nameServer = await NameServer.open();
    const shape = shapeOf(backend, { wallClocks: clockLibrary !== undefined, nameServer: nameServer !== undefined });
    const disks = new Map<string, SmallDisk>();
    if (shape.smallDisk) for (const name of serversOf(shape)) disks.set(name, await makeSmallDisk(mebibytes[name] ?? 0));
    const cluster = new Cluster(shape, folder, disks, clockLibrary, nameServer, await openAsides());
    try {
      await cluster.#startStores();
      await cluster.endpoint.open();
      await cluster.#openLinks();
      await cluster.#startProcesses();
    } catch (error) {
      await cluster.stop(); // supervised processes would go on, and so would the run
      throw error;
    }
    return cluster;
  }

  get webhook(): string {
    return this.#webhook('main', token);
  }

  /** Of a source of asides. */
  webhookOf(source: string): string {
    return this.#webhook(source, asideToken);
  }

  /** Past the proxies. */
  get databaseUrl(): string {
    return this.store('postgres').server.url;
  }

  get queueUrl(): string {
    return this.store(this.shape.backend).server.url;
  }

  link = (name: string): Link => named(this.links, name);
  process = (name: string): Supervised => named(this.processes, name);
  store = (name: string): Store => named(this.stores, name);
  clock = (name: string): WallClock => named(this.clocks, name);

  /** Starts servers that have ended by themselves (a recovery on a full disk), as Docker would; resolves when the database answers. */
  async untilDatabaseAnswers(): Promise<void> {
    const answers = async () => {
      await Promise.all([...this.stores.values()].map((store) => store.restart()));
      await this.withClient((client) => client.query('select 1'));
      return true;
    };
    await until('the database answers', answers, { timeoutMs: 60_000, everyMs: 200 });
  }

  /** A connection of its own, past the proxies. */
  async withClient<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      connectionTimeoutMillis: 3_000,
      application_name: 'faults',
    });
    client.on('error', () => undefined); // the query under way fails with it
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined); // it may have been cut
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.processes.values()].map((one) => one.stop()));
    await Promise.all([...this.links.values()].map((link) => link.close()));
    await this.endpoint.close();
    for (const aside of Object.values(this.asides)) await aside.close?.();
    await this.nameServer?.close();
  }

  /** A Redis on the disk that it has here, in a folder of its own. */
  async newRedis(): Promise<OwnServer> {
    const path = this.disks.get('redis')?.path;
    return ownRedis({}, path === undefined ? undefined : await mkdtemp(join(path, 'redis-')));
  }

  async #startStores(): Promise<void> {
    this.stores.set('postgres', new Store(await ownPostgres(postgresSettings, this.disks.get('postgres')?.path)));
    if (this.shape.backend === 'redis') this.stores.set('redis', new Store(await this.newRedis()));
    await this.withClient((client) => client.query(`${countingFunction}; ${shortStatements}`));
  }

  async #openLinks(): Promise<void> {
    const { ingresses, backend } = this.shape;
    for (const name of processesOf(this.shape)) {
      const port = await freePort();
      const logFile = join(this.folder, `${name}.log`);
      const program = ingresses.includes(name) ? 'ingress' : 'worker';
      const clock =
        this.clockLibrary === undefined ? undefined : new WallClock(this.clockLibrary, join(this.folder, `${name}.clock`));
      if (clock !== undefined) this.clocks.set(name, clock);
      this.processes.set(name, new Supervised({ name, program, port, logFile, variables: { ...clock?.variables } }));
    }
    let turn = 0;
    const ports: Record<string, () => number> = {
      ingress: () => this.process(ingresses[turn++ % ingresses.length] ?? '').port,
      queue: () => this.store(backend).port,
      database: () => this.store('postgres').port,
      receiver: () => this.endpoint.port,
    };
    for (const name of linksOf(this.shape)) {
      const to = name.slice(name.indexOf('>') + 1);
      const target = ports[to];
      if (target === undefined) throw new Error(`${name} leads nowhere`);
      this.links.set(name, await (to === 'database' ? Link.open(target, isCommit) : Link.open(target)));
    }
  }

  async #startProcesses(): Promise<void> {
    for (const [name, process] of this.processes) {
      const configPath = join(this.folder, `${name}.yaml`);
      const through = (url: string, to: string) => {
        const changed = new URL(url);
        changed.port = String(this.link(`${name}>${to}`).port);
        return changed.href;
      };
      const isWorker = this.shape.workers.includes(name);
      const host = this.nameServer === undefined ? '127.0.0.1' : receiverName;
      await writeFile(configPath, configurationYaml(isWorker ? `${host}:${this.link(`${name}>receiver`).port}` : '127.0.0.1:1'));
      if (isWorker && this.nameServer !== undefined)
        await this.nameServer.writeSettings((process.settings.resolvConf = join(this.folder, `${name}.resolv.conf`)));
      Object.assign(process.settings.variables, {
        DATABASE_URL: isWorker ? through(this.databaseUrl, 'database') : this.databaseUrl,
        QUEUE_URL: through(this.queueUrl, 'queue'),
        VIDHUK_CONFIG: configPath,
        ERASE_KEY: eraseKey,
      });
      process.start();
    }
    await Promise.all([...this.processes.values()].map((process) => process.untilReady()));
  }

  #webhook = (source: string, secret: string): string =>
    `http://127.0.0.1:${this.link('sender>ingress').port}/webhooks/esputnik/${source}/${secret}`;

  /** As an operator does once the endpoint is back (410 disables). */
  async enableActions(): Promise<void> {
    await this.withClient((client) =>
      client.query(
        `update vidhuk.action_state set disabled_at = null, disabled_reason = null, failures = 0, opened = 0, blocked_until = null, allowed = null
         where disabled_at is not null and action = any($1)`,
        [actionNames],
      ),
    );
  }
}

function named<T>(map: ReadonlyMap<string, T>, name: string): T {
  const found = map.get(name);
  if (found === undefined) throw new Error(`there is no ${name} in this cluster`);
  return found;
}
