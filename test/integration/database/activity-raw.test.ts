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
    const rows: unknown = await test.database.query(`select proparallel from pg_proc where oid = 'vidhuk.element_of'::regproc`);
    expect(rows).to.deep.equal([{ proparallel: 'u' }]);
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
