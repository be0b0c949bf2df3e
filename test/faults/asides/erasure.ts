/** A person is forgotten while the feed still tells of her; whoever stands beside her in the batches is not. */
import { batchQueueName, openQueueStore } from '../../../packages/shared/src/index.js';
import { tracesOf } from '../../support/find-traces.js';
import { until } from '../../support/poll.js';
import type { Cluster } from '../cluster.js';
import { goneSource } from '../configuration.js';
import type { Aside } from './aside.js';
import { postBatch } from './post.js';
import { finishVidhuk, runVidhuk, type Command } from './run-vidhuk.js';

/** Half of them before anybody wants to be forgotten, half while she is, and afterwards. */
const batches = 12;

interface Begun {
  person: number;
  ended: Promise<unknown>;
}

export class Erasure implements Aside {
  #people = 0;
  #begun: Begun | undefined;

  begin(cluster: Cluster): () => void {
    const cutOff = new AbortController();
    const person = ++this.#people;
    const post = async (from: number, to: number) => {
      for (let nth = from; nth < to; nth++) await postBatch(cluster.webhookOf(goneSource), batchOf(person, nth));
    };
    const ended = (async () => {
      await post(0, batches / 2);
      const erasing = runVidhuk(cluster, { ...commandFor(person), signal: cutOff.signal });
      await post(batches / 2, batches);
      await erasing;
    })();
    ended.catch(() => undefined); // whoever finishes it hears of it
    this.#begun = { person, ended };
    return () => cutOff.abort();
  }

  /** Once nothing is left in the queue: what is finished after an erasure stays in the queue's store for a while as it came. */
  async finish(cluster: Cluster): Promise<string[]> {
    if (this.#begun === undefined) return [];
    const { person, ended } = this.#begun;
    this.#begun = undefined;
    await ended;
    await untilBatchesDone(cluster);
    return finishVidhuk(cluster, commandFor(person));
  }

  /** Nothing is left of anybody who was erased, and all of those beside them. */
  async check(cluster: Cluster): Promise<string[]> {
    if (this.#people === 0) return [];
    const { queueUrl, shape } = cluster;
    const people = Array.from({ length: this.#people }, (_, index) => index + 1);
    return cluster.withClient(async (client) => {
      const { rows } = await client.query<{ found: number }>(
        'select count(*)::integer as found from vidhuk.activity where source = $1 and contact_id < $2',
        [goneSource, idOf(0)],
      );
      const found = rows[0]?.found ?? 0;
      const expected = this.#people * batches;
      const needles = people.flatMap((person) => [addressOf(person), String(idOf(person))]);
      const traces = await tracesOf(client, { kind: shape.backend, queueUrl }, needles);
      return [
        ...(found === expected ? [] : [`of ${expected} activities beside erased people ${found} are in the log`]),
        ...traces.map((place) => `of erased people something is left in ${place}`),
      ];
    });
  }
}

async function untilBatchesDone({ queueUrl }: Cluster): Promise<void> {
  const store = await openQueueStore(queueUrl, () => undefined);
  try {
    const queue = await store.openQueue(batchQueueName);
    const left = async () => Object.values(await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed'));
    await until('no batch is in the queue', async () => (await left()).every((jobs) => jobs === 0), { timeoutMs: 60_000 });
    await queue.close();
  } finally {
    await store.close();
  }
}

/** Long enough to be found nowhere else by chance. */
const idOf = (person: number): number => 700_000_000_000_000 + person;
const addressOf = (person: number): string => `erased.${person}.x@gone.example`;

function batchOf(person: number, nth: number): object[] {
  const at = new Date(Date.UTC(2026, 0, 2, 0, nth)).toISOString().slice(0, 19);
  const of = (contactId: number, email: string) => ({
    ...{ contactId, email, mediaType: 'email', activityStatus: 'CLICKED', activityDateTime: at, iid: `gone-${contactId}-${nth}` },
  });
  const broken = { ...of(idOf(person), addressOf(person)), activityDateTime: 'yesterday' }; // goes to the quarantine
  return [of(idOf(person), addressOf(person)), of(person, `beside.${person}@gone.example`), broken];
}

const commandFor = (person: number): Command => ({
  name: 'erasure',
  args: ['erase', String(idOf(person)), '--source', goneSource, '--yes'],
});
