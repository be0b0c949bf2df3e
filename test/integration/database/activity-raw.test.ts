import { expect } from 'chai';
import fc from 'fast-check';
import { elementTexts } from '../../../packages/worker/src/activity/element-texts.js';
import { brokenElement, soundElement, spacedArray } from '../../support/arbitrary-activity.js';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';

const sound = '{"activityDateTime":"2024-03-01T08:00:00", "activityStatus":"READ","contactId":1,"messageId":1.0e1}';
const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

describe('The view activity_raw', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());
  beforeEach(() => test.database.query('truncate vidhuk.activity, vidhuk.batch'));

  const rawOf = async (body: string | Buffer): Promise<(string | null)[]> => {
    await createProjector(test.database).projector.project([batchOf(body)]);
    const rows: { raw: string | null }[] = await test.database.query(
      'select raw::text from vidhuk.activity_raw order by position',
    );
    return rows.map(({ raw }) => raw?.trim() ?? null);
  };

  for (const [name, body] of Object.entries({
    'of an array': `[7,${sound}]`,
    'of a bare object': ` ${sound}\n`,
    'behind a byte order mark': `\u{FEFF}[${sound}]`,
    'beside an element with a NUL': String.raw`[{"a":"\u0000"},${sound},{"\u0000":1}]`,
    'beside half of a surrogate pair': String.raw`["\ud800",${sound}]`,
    'beside a number beyond every limit': `[1e999999,${sound},-0]`,
  }))
    it(`shows the element ${name} as it was received`, async () => {
      expect(await rawOf(body)).to.deep.equal([sound]);
    });

  for (const [name, body] of Object.entries({
    'nesting that is too deep for PostgreSQL': `[${sound},${deep}]`,
    'bytes that are not UTF-8': Buffer.concat([Buffer.from(`["`), Buffer.from([0xff]), Buffer.from(`",${sound}]`)]),
  }))
    it(`shows null, and no error, for a body with ${name}`, async () => {
      expect(await rawOf(body)).to.deep.equal([null]);
    });

  it('keeps out of parallel plans: some versions of PostgreSQL allow no caught error in them', async () => {
    const rows: unknown = await test.database.query(`select proparallel from pg_proc where oid = 'vidhuk.elements_of'::regproc`);
    expect(rows).to.deep.equal([{ proparallel: 'u' }]);
  });

  it('parses a body once for all of its activities', async () => {
    const elements = Array.from(
      { length: 1_000 },
      (_, index) =>
        `{"activityDateTime":"2024-03-01T08:00:00","activityStatus":"READ","iid":"${index}","contactId":${index + 1},"filler":"${'x'.repeat(300)}"}`,
    );
    await createProjector(test.database).projector.project([batchOf(`[${elements.join()}]`)]);
    await test.database.query('analyze vidhuk.activity'); // as maintenance does
    const time = async (limit: number) => {
      const began = performance.now();
      const rows: unknown[] = await test.database.query(`select raw->>'iid' as iid from vidhuk.activity_raw limit ${limit}`);
      expect(rows).to.have.length(limit);
      return performance.now() - began;
    };
    await time(1_000);
    const [one, all] = [await time(1), await time(1_000)];
    expect(all / one).to.be.lessThan(60); // parsed for each of them it is 1,000
    const plan: { 'QUERY PLAN': string }[] = await test.database.query('explain select raw from vidhuk.activity_raw');
    expect(plan.map((line) => line['QUERY PLAN']).join('\n')).to.include('Memoize');
  });

  it('shows for any body what was received', async () => {
    const bodies = fc.array(fc.oneof(soundElement, brokenElement), { minLength: 1, maxLength: 10 }).chain(spacedArray);
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        await test.database.query('truncate vidhuk.activity, vidhuk.batch');
        const { activities } = batchOf(body);
        const seen = new Set<string>();
        const first = activities.filter(({ key }) => !seen.has(key) && seen.add(key));
        expect(await rawOf(body)).to.deep.equal(first.map(({ position }) => elementTexts(body)[position]));
      }),
      { numRuns: 40 },
    );
  });
});
