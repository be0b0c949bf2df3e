/** What happened at the platform while its webhook was off: only its API has it, and comparing has to bring all of it. */
import type { Random } from '../../../packages/simulator/src/random.js';
import { startActivityApi, type ActivityApi } from '../../support/platform/activity-api.js';
import { sourceOf } from '../../support/platform/source-of.js';
import { isTold, makeTruth, type TrueActivity } from '../../support/platform/truth.js';
import type { Cluster } from '../cluster.js';
import type { Aside } from './aside.js';
import { finishVidhuk, runVidhuk, type Command } from './run-vidhuk.js';

const offSource = 'off';

/** Three names of one status, see guarantees.md. */
const asLogged = (status: string): string => (['OPENED', 'RECEIVED'].includes(status) ? 'READ' : status);

const hourMs = 3_600_000;
const activities = 400;

export class OffFeed implements Aside {
  readonly #missed: TrueActivity[] = [];
  /** Of a comparison that began amid the faults. */
  #amid: Promise<unknown> = Promise.resolve();

  private constructor(private readonly api: ActivityApi) {}

  static async open(): Promise<OffFeed> {
    // Longer than a page takes, shorter than the client's own patience, for which a seed would wait for minutes.
    const traps = { tooMany: 0.1, away: 0.1, hangs: 0.02, hangsForMs: 5_000, manySpellings: true, seed: 3 };
    return new OffFeed(await startActivityApi([], traps));
  }

  /** An hour passes there of which no webhook tells; some hours ago, so that it is over. A comparison begins. */
  begin(cluster: Cluster, random: Random): () => void {
    const from = new Date(Math.floor((Date.now() - 4 * hourMs) / 1_000) * 1_000);
    // Without an iid a row of the API cannot be told from another one, see docs/operations.md.
    const truth = makeTruth({ seed: random.uint32(), activities, contacts: 100, from, days: 1 / 24 });
    const end = new Date(from.getTime() + hourMs).toISOString();
    const within = truth.filter((activity) => activity.iid !== undefined && isTold(activity) && activity.activityDateTime < end);
    this.#missed.push(...within);
    this.api.add(within);
    const cutOff = new AbortController();
    this.#amid = runVidhuk(cluster, { ...this.#command(), signal: cutOff.signal });
    this.#amid.catch(() => undefined); // whoever finishes it hears of it
    return () => cutOff.abort();
  }

  async finish(cluster: Cluster): Promise<string[]> {
    if (this.#missed.length === 0) return [];
    await this.#amid;
    return finishVidhuk(cluster, this.#command());
  }

  /** Nothing may be missing, nothing twice, and nothing there that nobody told of. */
  async check(cluster: Cluster): Promise<string[]> {
    const { rows } = await cluster.withClient((client) =>
      client.query<{ iid: string; status: string; occurred_at: Date; click_event_link: string | null }>(
        'select iid, status, occurred_at, click_event_link from vidhuk.activity where source = $1',
        [offSource],
      ),
    );
    const found = rows.map((row) => JSON.stringify([row.iid, row.status, row.occurred_at, row.click_event_link]));
    const expected = new Set(
      this.#missed.map(({ iid, activityStatus, activityDateTime, clickEventLink }) =>
        JSON.stringify([iid, asLogged(activityStatus), new Date(`${activityDateTime}Z`), clickEventLink ?? null]),
      ),
    );
    const lost = [...expected].filter((each) => !found.includes(each)).length;
    const strange = new Set(found.filter((each) => !expected.has(each))).size;
    const doubled = found.length - new Set(found).size;
    const counts = `${lost} are not in the log, ${doubled} twice, ${strange} in it differ from all of them`;
    return lost + strange + doubled === 0 ? [] : [`of ${expected.size} activities of an hour without a feed ${counts}`];
  }

  close(): Promise<void> {
    return this.api.close();
  }

  #command(): Command {
    return {
      name: 'off-feed',
      args: ['reconcile', '--source', offSource, '--from', '6h'],
      // The API keeps some slices back, which is told as drift that was not mended.
      notYet: /./,
      configuration: `sources: { ${offSource}: ${sourceOf({ api: this.api })} }\n`,
    };
  }
}
