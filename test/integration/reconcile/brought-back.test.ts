import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Random } from '../../../packages/simulator/src/random.js';
import { FileRoad } from '../../../packages/worker/src/reconcile/file/file-road.js';
import { openFile } from '../../../packages/worker/src/reconcile/file/open-file.js';
import { startActivityApi } from '../../support/platform/activity-api.js';
import { toApiRow } from '../../support/platform/api-row.js';
import { createExport } from '../../support/platform/export.js';
import { isTold, makeTruth, type TrueActivity } from '../../support/platform/truth.js';
import { anySource, found, openBench, withoutKeys, wholePeriod, type Bench } from '../../support/reconcile-bench.js';

/** VIDHUK_TEST_ACTIVITIES=100000 for the whole run. */
const activities = Number(process.env.VIDHUK_TEST_ACTIVITIES ?? 4_000);
const lostShare = 0.03;

/** Blocks of neighbours, as whole requests are lost. */
function loseBlocks(truth: readonly TrueActivity[], mayBeLost: (activity: TrueActivity) => boolean, seed: number) {
  const random = new Random(seed, 0x105);
  const lost = new Set<TrueActivity>();
  while (lost.size < truth.length * lostShare) {
    const start = random.integer(0, truth.length - 1);
    for (const activity of truth.slice(start, start + random.integer(10, 60))) if (mayBeLost(activity)) lost.add(activity);
  }
  return { lost: [...lost], kept: truth.filter((activity) => !lost.has(activity)) };
}

/** Columns of which an export tells nothing: it has no addresses. */
const addresses = /^(?:address|email|phone)(?:_at)?$|^former_addresses$/;
const withoutAddresses = (projections: unknown): unknown =>
  JSON.parse(JSON.stringify(projections), (name, value: unknown) => (addresses.test(name) ? undefined : value));

describe(`What the webhook lost of ${activities} activities, 3 % in blocks`, function () {
  this.timeout(600_000);
  let bench: Bench;
  const truth = makeTruth({ seed: 11, activities, contacts: Math.ceil(activities / 10), days: 3 });
  before(async () => {
    bench = await openBench();
    await bench.push('full', truth);
  });
  after(() => bench.close());

  /** What no road can give back is not lost here: see `docs/operations.md`. */
  const isToldWhole = (activity: TrueActivity) => isTold(activity) && activity.iid !== undefined;

  it('is brought back by pull, through hanging, throttled and failing answers, and log and projections equal the full feed', async () => {
    const { kept, lost } = loseBlocks(truth, isToldWhole, 1);
    await bench.push('pulled', kept);
    const api = await startActivityApi(truth, { hangs: 0.02, tooMany: 0.1, away: 0.1, manySpellings: true, seed: 5 });
    try {
      const result = await bench.run('pulled', bench.pull(api));
      expect(result.run).to.include({ state: 'complete', problem: null });
      expect(found(result)).to.include({ added: lost.length, missing: 0, only_ours: 0, enriched: 0 });
      expect(found(result).theirs).to.equal(truth.filter(isTold).length);
    } finally {
      await api.close();
    }
    expect(withoutKeys(await bench.log('pulled'))).to.deep.equal(withoutKeys(await bench.log('full')));
    expect(anySource(await bench.projections('pulled'))).to.deep.equal(anySource(await bench.projections('full')));
  });

  for (const age of ['today', 'older'] as const)
    it(`is brought back by an export in the spelling of ${age}, but for addresses, which an export does not have`, async () => {
      const { kept, lost } = loseBlocks(truth, (each) => isToldWhole(each) && each.hardBounce !== true, 2);
      const source = `exported-${age}`;
      await bench.push(source, kept);
      const exported = await createExport(truth, age);
      try {
        const result = await bench.run(source, await bench.export(exported.url));
        expect(result.run).to.include({ state: 'complete', problem: null });
        expect(found(result)).to.include({ added: lost.length, missing: 0, only_ours: 0, enriched: 0 });
      } finally {
        await exported.drop();
      }
      expect(withoutKeys(await bench.log(source))).to.deep.equal(withoutKeys(await bench.log('full')));
      const projections = async (of: string) => withoutAddresses(anySource(await bench.projections(of)));
      expect(await projections(source)).to.deep.equal(await projections('full'));
    });

  it('is brought back by a file, and log and projections equal the full feed', async () => {
    const { kept, lost } = loseBlocks(truth, isToldWhole, 3);
    await bench.push('filed', kept);
    const folder = await mkdtemp(join(tmpdir(), 'vidhuk-brought-back-'));
    try {
      const random = new Random(12);
      const spelling = { hardBounce: 'always', manySpellings: true } as const;
      const rows = truth.filter(isTold).map((each, nth) => JSON.stringify(toApiRow(each, `o${nth}`, spelling, random)));
      const path = join(folder, 'all.ndjson.gz');
      await writeFile(path, gzipSync(rows.join('\n')));
      const result = await bench.run('filed', new FileRoad(await openFile(path, 'ndjson')), { period: null });
      expect(result.run).to.include({ state: 'complete', problem: null });
      expect(found(result)).to.include({ theirs: rows.length, added: lost.length, missing: 0, enriched: 0 });
    } finally {
      await rm(folder, { recursive: true });
    }
    expect(withoutKeys(await bench.log('filed'))).to.deep.equal(withoutKeys(await bench.log('full')));
    expect(anySource(await bench.projections('filed'))).to.deep.equal(anySource(await bench.projections('full')));
  });

  it('is not there a second time: another run finds nothing', async () => {
    const api = await startActivityApi(truth, { manySpellings: true, hardBounce: 'sometimes' });
    try {
      const result = await bench.run('pulled', bench.pull(api), { period: wholePeriod });
      expect(found(result)).to.include({ added: 0, missing: 0, only_ours: 0, enriched: 0 });
    } finally {
      await api.close();
    }
  });
});
