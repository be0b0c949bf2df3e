import { expect } from 'chai';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileRoad } from '../../../packages/worker/src/reconcile/file/file-road.js';
import { openFile } from '../../../packages/worker/src/reconcile/file/open-file.js';
import { Random } from '../../../packages/simulator/src/random.js';
import { startActivityApi } from '../../support/platform/activity-api.js';
import { toApiRow } from '../../support/platform/api-row.js';
import { createExport, type ExportOfPlatform } from '../../support/platform/export.js';
import { isTold, makeTruth, type TrueActivity } from '../../support/platform/truth.js';
import { anySource, found, openBench, withoutKeys, type Bench } from '../../support/reconcile-bench.js';

/** What happens to the log: a part comes by the webhook, or everything is compared with a road. */
type Event = { by: 'push'; share: [number, number] } | { by: 'pull' | 'export' | 'older export' | 'file' };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([a, b]): Event => ({ by: 'push', share: [Math.min(a, b), Math.max(a, b)] })),
  fc.constantFrom('pull' as const, 'export' as const, 'older export' as const, 'file' as const).map((by): Event => ({ by })),
);

describe('Activities by any mix and order of roads', function () {
  this.timeout(300_000);
  let bench: Bench;
  let folder: string;
  const exports: ExportOfPlatform[] = [];
  let api: Awaited<ReturnType<typeof startActivityApi>>;
  // A tenth of a second's worth of activities each: many share a second.
  const all = makeTruth({ seed: 7, activities: 300, contacts: 40, days: 0.05 });
  /** What has no iid has a key of all that it says: a road that comes first makes it another row, see `docs/operations.md`. */
  const truth = all.filter(({ iid }) => iid !== undefined);
  before(async () => {
    bench = await openBench();
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-roads-'));
    api = await startActivityApi(truth, { hardBounce: 'sometimes', manySpellings: true, tooMany: 0.05, seed: 4 });
    exports.push(await createExport(truth), await createExport(truth, 'older'));
    const random = new Random(9);
    const rows = truth
      .filter(isTold)
      .map((each, n) => toApiRow(each, `o${n}`, { hardBounce: 'never', manySpellings: true }, random));
    await writeFile(join(folder, 'all.ndjson.gz'), gzipSync(rows.map((row) => JSON.stringify(row)).join('\n')));
    await bench.push('full', truth);
  });
  after(async () => {
    await bench.close();
    await api.close();
    for (const each of exports) await each.drop();
    await rm(folder, { recursive: true });
  });

  let cases = 0;
  const play = async (source: string, { by, ...given }: Event, elements: readonly TrueActivity[]): Promise<void> => {
    if (by === 'push') {
      const [start, end] = (given as { share: [number, number] }).share.map((share) => Math.floor(share * elements.length));
      await bench.push(source, elements.slice(start, end));
    } else if (by === 'pull') await bench.run(source, bench.pull(api, { maxRows: 100 }));
    else if (by === 'file')
      await bench.run(source, new FileRoad(await openFile(join(folder, 'all.ndjson.gz'), 'ndjson')), { period: null });
    else await bench.run(source, await bench.export(exports[by === 'export' ? 0 : 1]?.url ?? ''));
  };

  it('end in the same log and the same projections as all of them pushed', async () => {
    const full = { log: withoutKeys(await bench.log('full')), projections: anySource(await bench.projections('full')) };
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 4 }), fc.nat(4), async (events, place) => {
        const source = `mix-${++cases}`;
        // What no other road tells comes by the webhook, at some time.
        const order = events.toSpliced(Math.min(place, events.length), 0, { by: 'push', share: [0, 1] });
        for (const each of order) await play(source, each, truth);
        expect(withoutKeys(await bench.log(source))).to.deep.equal(full.log);
        expect(anySource(await bench.projections(source))).to.deep.equal(full.projections);
      }),
      { numRuns: Number(process.env.VIDHUK_TEST_RUNS ?? 12) },
    );
  });

  it('are the same rows by whichever road they came first', async () => {
    const told = truth.filter(isTold);
    for (const by of ['pull', 'export', 'older export', 'file'] as const) {
      const source = `first-by-${by}`;
      await play(source, { by }, truth);
      for (const other of ['file', 'older export', 'export', 'pull'] as const) await play(source, { by: other }, truth);
      expect(await bench.log(source), by).to.have.length(told.length);
    }
  });

  describe('without an iid', () => {
    const anonymous = ['2026-03-01T10:00:00', '2026-03-01T10:00:00', '2026-03-01T10:00:01'].map((activityDateTime, nth) => ({
      ...{ activityDateTime, activityStatus: 'READ', mediaType: 'widget', messageInstanceId: 7, messageId: 3 },
      viewer: `browser ${nth}`,
    })) as unknown as TrueActivity[];

    it('are known by contact, status, time, channel and message when the webhook brought them before', async () => {
      const source = 'anonymous-pushed';
      await bench.push(source, anonymous);
      const views = await startActivityApi(anonymous.map(({ viewer: _, ...each }) => each));
      const result = await bench.run(source, bench.pull(views));
      await views.close();
      expect(found(result)).to.include({ theirs: 3, ours: 3, added: 0 });
    });

    it('are added when the log has fewer of them than the road tells of, and once', async () => {
      const source = 'anonymous-lost';
      await bench.push(source, anonymous.slice(0, 1));
      const views = await startActivityApi(anonymous);
      const first = await bench.run(source, bench.pull(views));
      const second = await bench.run(source, bench.pull(views));
      await views.close();
      expect([found(first).added, found(second).added]).to.deep.equal([2, 0]);
    });
  });

  describe('with a link that an export has cut', () => {
    const link = `https://shop.example.com/?${'x'.repeat(1_100)}`;
    const clicked = [{ ...truth[0], activityStatus: 'CLICKED', clickEventLink: link }] as TrueActivity[];

    it('are known by their beginning', async () => {
      await bench.push('cut', clicked);
      const exported = await createExport(clicked);
      const result = await bench.run('cut', await bench.export(exported.url));
      expect(found(result)).to.include({ theirs: 1, ours: 1, added: 0, enriched: 0 });
      await exported.drop();
    });

    it('are known by it also when the whole link comes later by pull', async () => {
      const [exported, clicks] = [await createExport(clicked), await startActivityApi(clicked)];
      expect(found(await bench.run('cut-first', await bench.export(exported.url))).added).to.equal(1);
      expect(found(await bench.run('cut-first', bench.pull(clicks)))).to.include({ theirs: 1, ours: 1, added: 0 });
      await Promise.all([exported.drop(), clicks.close()]);
    });
  });

  it('that tell more than the log knows make its row richer', async () => {
    const bounced = [{ ...truth[0], activityStatus: 'UNDELIVERED', hardBounce: true, statusDescription: '5.1.1 (no such user)' }];
    const [poor, rich] = [
      await startActivityApi(bounced as TrueActivity[], { hardBounce: 'never' }),
      await startActivityApi(bounced as TrueActivity[], { hardBounce: 'always' }),
    ];
    await bench.run('richer', bench.pull(poor));
    const result = await bench.run('richer', bench.pull(rich));
    const again = await bench.run('richer', bench.pull(poor));
    await Promise.all([poor.close(), rich.close()]);
    expect(found(result)).to.include({ added: 0, enriched: 1 });
    expect(found(again)).to.include({ added: 0, enriched: 0 });
    expect((await bench.log('richer'))[0]).to.include({ hard_bounce: true });
  });

  it('that are broken are quarantined once, however often a road tells of them', async () => {
    const broken = await startActivityApi([
      { ...truth[0], activityDateTime: '2026-03-01T10:00:00', contactId: 1.5 },
    ] as TrueActivity[]);
    for (let times = 0; times < 2; times++) {
      const { run } = await bench.run('broken', bench.pull(broken));
      expect(run.rejected).to.equal(1);
    }
    await broken.close();
    const rows: unknown[] = await bench.test.database.query(`select 1 from vidhuk.rejected_activity where source = 'broken'`);
    expect(rows).to.have.length(1);
  });
});
