/** What the check of the receiver's record is worth: it finds what was planted. */
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createDatabase } from '../support/services/database.js';
import { checkFollowUps } from './check-follow-ups.js';
import { countingFunction } from './configuration.js';
import { Endpoint, type Delivery } from './endpoint.js';

describe('the check of what the receiver was told', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let client: pg.Client;
  before(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(countingFunction);
  });
  after(async () => {
    await client.end();
    await database.drop();
  });
  const keys = Array.from({ length: 6 }, () => randomUUID());
  const [once, never, refused, twice, altered, grouped] = keys as [string, string, string, string, string, string];
  const told = (activities: string[], given: Partial<Delivery> = {}): Delivery => {
    return { action: 'tell', activities, calls: 1, answered: 1, bodies: new Set(['a']), ...given };
  };

  it('finds calls that never came, came under two keys, came with other bytes, or were never answered', async () => {
    const endpoint = new Endpoint();
    const deliveries = [
      told([once, grouped]),
      told([once], { action: 'tell-groups' }),
      told([refused], { answered: 0, calls: 9 }),
      told([twice]),
      told([twice], { answered: 0 }),
      told([altered], { calls: 2, bodies: new Set(['a', 'b']) }),
    ];
    for (const [index, delivery] of deliveries.entries()) endpoint.deliveries.set(`id-${index}`, delivery);
    const cluster = { endpoint, withClient: <T>(work: (given: pg.Client) => Promise<T>) => work(client) };
    expect(await checkFollowUps(cluster, new Map([['tell', new Set(keys)]]))).to.deep.equal({
      due: 6,
      lost: [`tell ${never}`, `tell ${refused}`],
      doubled: [`tell ${twice}`],
      altered: [`tell ${altered} id-5`],
    });
  });

  it('finds what was not counted in the database, and what was counted twice', async () => {
    for (const key of [once, twice, twice])
      await client.query('select public.count_call($1)', [JSON.stringify({ activity: { key } })]);
    const cluster = { endpoint: new Endpoint(), withClient: <T>(work: (given: pg.Client) => Promise<T>) => work(client) };
    expect(await checkFollowUps(cluster, new Map([['count-in-database', new Set([once, twice, never])]]))).to.deep.equal({
      due: 3,
      lost: [`count-in-database ${never}`],
      doubled: [`count-in-database ${twice}`],
      altered: [],
    });
  });
});
