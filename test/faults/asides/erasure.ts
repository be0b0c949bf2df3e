/** A person is forgotten while the feed still tells of her; whoever stands beside her in the batches is not. */
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

  async finish(cluster: Cluster): Promise<string[]> {
    if (this.#begun === undefined) return [];
    const { person, ended } = this.#begun;
    this.#begun = undefined;
    await ended;
    const unfinished = await finishVidhuk(cluster, commandFor(person));
    return [...unfinished, ...(await this.#beside(cluster)), ...(await tracesLeft(cluster, person))];
  }

  /** All that was told of those beside her. */
  async #beside(cluster: Cluster): Promise<string[]> {
    const expected = this.#people * batches;
    let found = 0;
    const all = async () => {
      const { rows } = await cluster.withClient((client) =>
        client.query<{ found: number }>(
          'select count(*)::integer as found from vidhuk.activity where source = $1 and contact_id < $2',
          [goneSource, idOf(0)],
        ),
      );
      found = rows[0]?.found ?? 0;
      return found === expected;
    };
    return until('those beside her are logged', all, { timeoutMs: 60_000, everyMs: 200 }).then(
      () => [],
      () => [`of ${expected} activities beside erased people ${found} are in the log`],
    );
  }
}

async function tracesLeft(cluster: Cluster, person: number): Promise<string[]> {
  const { queueUrl, shape } = cluster;
  const traces = await cluster.withClient((client) =>
    tracesOf(client, { kind: shape.backend, queueUrl }, [addressOf(person), String(idOf(person))]),
  );
  return traces.map((place) => `of an erased person something is left in ${place}`);
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
