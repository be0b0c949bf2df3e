/** Months that have been kept for long enough go, and with them bodies and ended follow-ups; what the months have left in the statuses stays. */
import type { Random } from '../../../packages/simulator/src/random.js';
import { until } from '../../support/poll.js';
import type { Cluster } from '../cluster.js';
import { configurationYaml, pastSource } from '../configuration.js';
import type { Aside } from './aside.js';
import { postBatch } from './post.js';
import { finishVidhuk, runVidhuk, type Command } from './run-vidhuk.js';

const dayMs = 86_400_000;
const patienceMs = 180_000;
const contactsOfMonth = 20;
/** The first of the months that go, one after the other: each retention keeps less than the one before. */
const mostMonths = 120; // the feed's are twelve years later
const monthOf = (nth: number): Date => new Date(Date.UTC(2014, nth));

interface Begun {
  nth: number;
  keptBodies: boolean;
  ended: Promise<unknown>;
}

export class Retention implements Aside {
  #months = 0;
  #begun: Begun | undefined;

  begin(cluster: Cluster, random: Random): () => void {
    if (this.#months === mostMonths) return () => undefined;
    const cutOff = new AbortController();
    const [nth, keptBodies] = [this.#months++, random.fraction() < 0.5];
    const ended = (async () => {
      await postBatch(cluster.webhookOf(pastSource), pastOf(nth));
      await untilLogged(cluster, nth);
      await runVidhuk(cluster, { ...commandOf(nth, keptBodies), signal: cutOff.signal });
    })();
    ended.catch(() => undefined); // whoever finishes it hears of it
    this.#begun = { nth, keptBodies, ended };
    return () => cutOff.abort();
  }

  async finish(cluster: Cluster): Promise<string[]> {
    if (this.#begun === undefined) return [];
    const { nth, keptBodies, ended } = this.#begun;
    this.#begun = undefined;
    await ended;
    return finishVidhuk(cluster, commandOf(nth, keptBodies));
  }

  async check(cluster: Cluster): Promise<string[]> {
    const { rows } = await cluster.withClient((client) =>
      client.query<{ logged: number; statuses: number }>(
        `select (select count(*)::integer from vidhuk.activity where source = $1) as logged,
           (select count(*)::integer from vidhuk.contact_status c join vidhuk.contact_channel_status ch using (source, contact_id)
            where source = $1 and c.email = contact_id || '@past.example' and c.unsubscribed = (contact_id % 2 = 0)
              and c.unsubscribed_at is not distinct from case contact_id % 2 when 0 then ch.last_opened_at + interval '1 hour' end) as statuses`,
        [pastSource],
      ),
    );
    const { logged = -1, statuses = -1 } = rows[0] ?? {};
    const expected = this.#months * contactsOfMonth;
    return [
      ...(logged === 0 ? [] : [`${logged} activities are left of months that have been kept for long enough`]),
      ...(statuses === expected ? [] : [`of ${expected} contacts of months that went ${statuses} have their status`]),
    ];
  }
}

/** All that is said of the contacts of a month: each has read, and every second one has unsubscribed an hour later. */
function pastOf(nth: number): object[] {
  return Array.from({ length: contactsOfMonth }, (_, index) => {
    const contactId = 1_000 * (nth + 1) + index;
    const at = (hour: number) => new Date(monthOf(nth).getTime() + dayMs + hour * 3_600_000).toISOString().slice(0, 19);
    const of = (activityStatus: string, hour: number) => ({
      ...{ contactId, email: `${contactId}@past.example`, mediaType: 'email', activityStatus, activityDateTime: at(hour) },
      iid: `past-${contactId}-${activityStatus}`,
    });
    return [of('READ', 1), ...(contactId % 2 === 0 ? [of('UNSUBSCRIBED', 2)] : [])];
  }).flat();
}

/** What is older than the horizon when it comes is not logged any more: the horizon may move only after that. */
async function untilLogged(cluster: Cluster, nth: number): Promise<void> {
  const ids = [1_000 * (nth + 1), 1_000 * (nth + 1) + contactsOfMonth - 1];
  const sql = 'select from vidhuk.contact_status where source = $1 and contact_id between $2 and $3';
  const statuses = () => cluster.withClient(async (client) => (await client.query(sql, [pastSource, ...ids])).rowCount);
  const all = () =>
    statuses().then(
      (count) => count === contactsOfMonth,
      () => false,
    ); // the database is struck
  await until('what happened long ago is logged', all, { timeoutMs: patienceMs, everyMs: 100 });
}

/** All months up to that one. */
function commandOf(nth: number, keptBodies: boolean): Command {
  const days = Math.floor((Date.now() - monthOf(nth + 1).getTime()) / dayMs) - 1;
  const kept = `{ log: ${days}d, bodies: ${keptBodies ? 'forever' : '1s'}, followUps: 1s }`;
  return {
    name: 'retention',
    args: ['retention', '--now'],
    notYet: /at it right now/,
    configuration: `${configurationYaml('127.0.0.1:1')}\nretention: ${kept}\n`,
  };
}
