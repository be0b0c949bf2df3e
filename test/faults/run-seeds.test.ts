import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { openStores, type Stores } from '../support/stores.js';
import { Endpoint } from './endpoint.js';
import type { PlayedSeed } from './play-seed.js';
import { isClean, reportOf } from './report.js';
import { playSeeds, type Played } from './run-seeds.js';

const played = (seed: number, given: Partial<PlayedSeed> = {}): PlayedSeed => ({
  ...{ seed, faults: [], acknowledged: 0, hostileRequests: 0, lost: 0, doubled: 0, problems: [], longestStallMs: 0 },
  ...{ drainedAfterMs: 0, feedRecoveries: [], due: new Map(), seconds: 0 },
  ...given,
});

describe('a run of seeds', () => {
  let stores: Stores;
  let cluster: Played;
  let surprises: string[];
  beforeEach(async () => {
    stores = await openStores('postgres');
    surprises = [];
    const usage = () => ({ rss: 0, descriptors: 0 });
    cluster = {
      shape: {
        backend: 'postgres',
        ingresses: [],
        workers: ['worker-1'],
        smallDisk: false,
        wallClocks: false,
        nameServer: false,
      },
      queueUrl: stores.queueUrl,
      endpoint: new Endpoint(),
      processes: new Map([['worker-1', { name: 'worker-1', untilReady: () => Promise.resolve(), usage, surprises }]]),
      async withClient(work) {
        const client = new pg.Client({ connectionString: stores.databaseUrl });
        await client.connect();
        return work(client).finally(() => client.end());
      },
    };
  });
  afterEach(() => stores.drop());
  const run = (play: (seed: number) => Promise<PlayedSeed>) =>
    playSeeds(cluster, { backend: 'postgres', seeds: [1, 2, 3] }, play);

  it('is clean when all were played, and nothing was wrong with any', async () => {
    const report = reportOf(await run((seed) => Promise.resolve(played(seed))));
    expect([isClean(report), report.seeds, report.problems]).to.deep.equal([true, 3, []]);
  });

  it('ends at a seed that could not be played, and is not clean', async () => {
    const begun: number[] = [];
    const result = await run((seed) => {
      begun.push(seed);
      return seed === 2 ? Promise.reject(new Error('it cannot be healed')) : Promise.resolve(played(seed));
    });
    expect(begun).to.deep.equal([1, 2]);
    expect(result.problems).to.deep.equal(['seed 2 could not be played to its end, and no further one: it cannot be healed']);
    expect(isClean(reportOf(result))).to.be.false;
  });

  it('is not clean when nobody was told of an activity of its seeds', async () => {
    const key = randomUUID();
    const result = await run((seed) =>
      Promise.resolve(played(seed, seed === 3 ? { due: new Map([['tell', new Set([key])]]) } : {})),
    );
    expect(result.seeds.map(({ followUps }) => followUps.lost)).to.deep.equal([[], [], [`tell ${key}`]]);
    expect(isClean(reportOf(result))).to.be.false;
  });

  it('tells of processes that ended by themselves', async () => {
    surprises.push('worker-1 ended by itself: 1');
    expect((await run((seed) => Promise.resolve(played(seed)))).surprises).to.deep.equal(['worker-1 ended by itself: 1']);
  });
});
