/** What happened at the platform while its webhook was off: only its API has it, and comparing has to bring all of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startActivityApi, type ActivityApi } from '../support/platform/activity-api.js';
import { isTold, makeTruth, type TrueActivity } from '../support/platform/truth.js';
import { sourceOf } from '../support/platform/source-of.js';
import type { Cluster } from './cluster.js';

const offSource = 'off';

const hourMs = 3_600_000;
const activities = 400;
/** Attempts of `vidhuk reconcile`, each of which may be cut off. */
const attempts = 5;

type ComparedCluster = Pick<Cluster, 'folder' | 'databaseUrl' | 'queueUrl'>;

export class OffFeed {
  readonly #missed: TrueActivity[] = [];
  /** Of a comparison that began amid the faults. */
  #amid: Promise<unknown> = Promise.resolve();

  private constructor(private readonly api: ActivityApi) {}

  static async open(): Promise<OffFeed> {
    return new OffFeed(await startActivityApi([], { tooMany: 0.1, away: 0.1, hangs: 0.02, manySpellings: true, seed: 3 }));
  }

  /** An hour passes there of which no webhook tells; some hours ago, so that it is over. A comparison begins, and the faults may cut it off. */
  pass(cluster: ComparedCluster, seed: number): void {
    const from = new Date(Math.floor((Date.now() - 4 * hourMs) / 1_000) * 1_000);
    // Without an iid a row of the API cannot be told from another one, see docs/operations.md.
    const hour = makeTruth({ seed, activities, contacts: 100, from, days: 1 / 24 }).filter(({ iid }) => iid !== undefined);
    const end = new Date(from.getTime() + hourMs).toISOString();
    const within = hour.filter((activity) => isTold(activity) && activity.activityDateTime < end);
    this.#missed.push(...within);
    this.api.add(within);
    this.#amid = this.#reconcile(cluster);
  }

  /** What is wrong once it was compared, for people: nothing may be missing, nothing twice. */
  async bringBack(cluster: ComparedCluster & Pick<Cluster, 'withClient'>): Promise<string[]> {
    if (this.#missed.length === 0) return [];
    await this.#amid;
    let said = '';
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const { code, output } = await this.#reconcile(cluster);
      said = output;
      if (code === 0) break;
    }
    const rows = await cluster.withClient((client) =>
      client.query<{ iid: string; status: string }>('select iid, status from vidhuk.activity where source = $1', [offSource]),
    );
    const expected = new Set(
      this.#missed.map(({ iid, activityStatus, activityDateTime, clickEventLink }) =>
        JSON.stringify([iid, activityStatus, activityDateTime, clickEventLink]),
      ),
    );
    const found = rows.rows.length;
    return found === expected.size
      ? []
      : [`of ${expected.size} activities of an hour without a feed ${found} are in the log: ${said}`];
  }

  close(): Promise<void> {
    return this.api.close();
  }

  /** A process of its own, past the proxies. */
  async #reconcile({ folder, databaseUrl, queueUrl }: ComparedCluster) {
    const file = join(folder, 'off.yaml');
    await writeFile(file, `sources: { ${offSource}: ${sourceOf({ api: this.api })} }\n`);
    const env = {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      QUEUE_URL: queueUrl,
      VIDHUK_CONFIG: file,
      VIDHUK_HOME: folder,
    };
    const args = ['packages/cli/bin/vidhuk.mjs', 'reconcile', '--source', offSource, '--from', '6h', '--json'];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output: output.slice(0, 500) };
  }
}
