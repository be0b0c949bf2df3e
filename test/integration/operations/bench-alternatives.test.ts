import { expect } from 'chai';
import pg from 'pg';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { generateBatches } from '../../../packages/simulator/src/generate.js';
import { alternatives } from '../../bench/alternatives/index.js';
import type { Entry } from '../../bench/contestant.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { send } from '../../support/http.js';
import { expectedRows, sortRows, type Row } from '../../support/oracle.js';
import { until } from '../../support/poll.js';
import { redisUrl } from '../../support/services/redis.js';
import { sendRedis } from '../../support/stores.js';

const batches = [...generateBatches({ seed: 5, activities: 400, contacts: 40, batchSize: 50 })].map(({ body }) => body);
const [first = '', second = ''] = batches;
/** The latest first, and two of them a second time. */
const bodies = [...batches, first, second].reverse();
const activities = bodies.flatMap((body) => parseBatch(Buffer.from(body), { source: 'main', timeZone: 'UTC' }).activities);

for (const { name, open } of alternatives)
  describe(`what Vidhuk is compared with, ${name}`, function () {
    this.timeout(120_000);
    let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
    let client: pg.Client;
    let entry: Entry;
    const post = (body: string) => send(entry.url, { method: 'POST', body });

    before(async () => {
      database = await createEmptyDatabase();
      await sendRedis(await redisUrl(), 'FLUSHALL');
      client = new pg.Client({ connectionString: database.url });
      await client.connect();
      entry = await open({ databaseUrl: database.url, redisUrl: await redisUrl() });
    });
    after(async () => {
      await entry.close();
      await client.end();
      await database.drop();
    });

    it('takes everything while its workers hold still', async () => {
      for (const body of bodies) expect((await post(body)).status).to.equal(200);
      expect(await entry.isDrained()).to.equal(false);
      expect(await entry.count()).to.deep.equal({ activities: 0, contacts: 0 });
    });

    it('logs each activity once, however often it comes', async () => {
      await entry.release();
      await until('it is drained', () => entry.isDrained(), { timeoutMs: 60_000 });
      const { rows } = await client.query<{ activity_key: string }>('select activity_key from activity order by 1');
      expect(rows.map((row) => row.activity_key)).to.deep.equal([...new Set(activities.map(({ key }) => key))].sort());
    });

    it('keeps the JSON of each activity', async () => {
      const { rows } = await client.query<{ raw: Row }>('select raw from activity');
      const sent = new Set(batches.flatMap((body) => [JSON.parse(body) as Row[]].flat()).map(sorted));
      expect(new Set(rows.map(({ raw }) => sorted(raw)))).to.deep.equal(sent);
    });

    it('has the statuses and the flags that Vidhuk has, in whatever order the activities come', async () => {
      const stored = { contacts: await read('contact_status'), channels: await read('contact_channel_status') };
      const expected = expectedRows(activities);
      expect(stored).to.deep.equal({ contacts: expected.contacts.map(comparable), channels: expected.channels.map(comparable) });
      expect((await entry.count()).contacts).to.equal(stored.contacts.length);
    });

    it('is out of the comparison when an event fails, instead of passing over it', async () => {
      await post('[{"activityStatus":"READ"}]');
      const error = await until(
        'it is noticed',
        () =>
          entry.isDrained().then(
            () => false,
            (reason: unknown) => reason,
          ),
        {
          timeoutMs: 30_000,
        },
      );
      expect(error)
        .to.be.an('error')
        .with.property('message')
        .that.matches(/worker \d has ended:\nError: not an activity/);
    });

    async function read(table: string): Promise<Row[]> {
      const { rows } = await client.query<Row>(`select * from ${table}`);
      return sortRows(rows.map(readable).map(comparable));
    }
  });

const sorted = (row: Row): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What they are spared: whose blacklisting a contact shows, and addresses of before. */
function comparable(row: Row): Row {
  const { former_addresses: _, ...rest } = row;
  const isContact = !('media_type' in row);
  return isContact ? { ...rest, blacklisted_at: null, blacklist_reason: null, unsubscribed_at: null } : rest;
}

function readable({ updated_at: _, ...row }: Row): Row {
  const values = Object.entries(row).map(([column, value]): [string, unknown] => {
    if (value instanceof Date) return [column, value.toISOString()];
    return [column, column === 'contact_id' ? Number(value) : value];
  });
  return Object.fromEntries(values);
}
