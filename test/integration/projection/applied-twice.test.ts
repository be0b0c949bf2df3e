import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Batch } from '../../../packages/worker/src/projection/batch.js';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';

const at = (second: number, iid = 'i') => ({
  activityDateTime: `2024-03-01T08:00:${String(second).padStart(2, '0')}`,
  activityStatus: 'READ',
  contactId: 1,
  iid,
});
const everything = `
  select (select json_agg(b order by id) from vidhuk.batch b) as batches, (select json_agg(a order by activity_key) from vidhuk.activity a) as log,
    (select json_agg(c) from vidhuk.contact_status c) as contacts, (select json_agg(c) from vidhuk.contact_channel_status c) as channels,
    (select json_agg(r order by id) from vidhuk.rejected_activity r) as rejected`;

describe('A batch', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openDatabase();
  });
  afterEach(() => test.drop());

  const snapshot = (): Promise<Record<string, unknown>[]> => test.database.query(everything);
  const rowOf = async ({ id }: Batch) => {
    const rows: Record<string, unknown>[] = await test.database.query(
      'select body, bytes, total, "new", duplicate, rejected from vidhuk.batch where id = $1',
      [id],
    );
    expect(rows.length).to.equal(1);
    return rows[0];
  };

  it('that comes again changes nothing, not even updated_at', async () => {
    const { projector } = createProjector(test.database);
    const batch = batchOf([at(1), at(2), 7]);
    await projector.project([batch]);
    const before = await snapshot();
    expect(await projector.project([batch])).to.deep.equal([{ new: 0, duplicate: 2, rejected: 1 }]);
    expect(await snapshot()).to.deep.equal(before);
  });

  it('that comes again changes nothing either where a channel had more addresses than are remembered', async () => {
    const { projector } = createProjector(test.database);
    const batches = Array.from({ length: 60 }, (_, n) =>
      batchOf([{ ...at(n, `${n}`), mediaType: 'email', email: `${n}@example.com` }]),
    );
    await projector.project(batches);
    const before = await snapshot();
    for (const batch of batches) await projector.project([batch]);
    expect(await snapshot()).to.deep.equal(before);
  });

  it('of thousands of activities and many bytes is known again in a moment', async () => {
    const { projector } = createProjector(test.database);
    const long = 'x'.repeat(2_000);
    const elements = Array.from({ length: 4_000 }, (_, n) => ({ ...at(n % 60, `large ${n}`), statusDescription: long }));
    await projector.project([batchOf(elements)]);
    const repetition = batchOf(elements);
    const began = performance.now();
    expect(await projector.project([repetition])).to.deep.equal([{ new: 0, duplicate: 4_000, rejected: 0 }]);
    expect(performance.now() - began).to.be.lessThan(10_000);
    expect(await rowOf(repetition)).to.deep.include({ body: null });
  });

  it('that is applied by two workers at once leaves one row, and the log once', async () => {
    const workers = [test.database, await test.another()].map((database) => createProjector(database).projector);
    for (let n = 0; n < 20; n++) {
      const batch = batchOf([at(n), at(n), 7]);
      const outcomes = await Promise.all(workers.map((worker) => worker.project([batch])));
      expect(outcomes.flat().map((outcome) => outcome.new)).to.have.members([1, 0]);
      expect(await rowOf(batch)).to.deep.include({ body: batch.body, total: 3, new: 1, duplicate: 1, rejected: 1 });
    }
  });

  it('keeps its body as received while something needs it', async () => {
    const { projector } = createProjector(test.database);
    const sound = batchOf(` [ ${JSON.stringify(at(1))}\n]`);
    const broken = batchOf('{');
    await projector.project([sound, broken]);
    expect(await rowOf(sound)).to.deep.include({ body: sound.body, bytes: sound.body.length });
    expect(await rowOf(broken)).to.deep.include({ body: broken.body, rejected: 1 });
  });

  it('that brought nothing new is counted, and keeps its body unless the same bytes are kept already', async () => {
    const { projector } = createProjector(test.database);
    const [first, repeated, other] = [batchOf([at(1)]), batchOf([at(1)]), batchOf([at(1), at(1)])];
    await projector.project([first]);
    await projector.project([repeated, other, { ...other, id: randomUUID() }]);
    const counts = { new: 0, rejected: 0 };
    expect(await rowOf(repeated)).to.deep.equal({ body: null, bytes: repeated.body.length, total: 1, duplicate: 1, ...counts });
    expect(await rowOf(other)).to.deep.equal({ body: other.body, bytes: other.body.length, total: 2, duplicate: 2, ...counts });
    const kept = await test.database.query<unknown[]>('select from vidhuk.batch where body = $1', [other.body]);
    expect(kept).to.have.lengthOf(1);
  });

  it('brings what comes again behind it in the same transaction', async () => {
    const { projector } = createProjector(test.database);
    const batches = [batchOf([at(1), at(2)]), batchOf([at(2), at(3)]), batchOf([at(1)])];
    expect(await projector.project(batches)).to.deep.equal([
      { new: 2, duplicate: 0, rejected: 0 },
      { new: 1, duplicate: 1, rejected: 0 },
      { new: 0, duplicate: 1, rejected: 0 },
    ]);
  });

  it('leaves nothing behind when its transaction fails', async () => {
    const { projector } = createProjector(test.database);
    const before = await snapshot();
    await test.database.query('alter table vidhuk.batch rename to elsewhere');
    await projector.project([batchOf([at(1), 7])]).then(
      () => expect.fail('it was applied'),
      (error: unknown) => expect(error).to.have.property('code', '42P01'),
    );
    await test.database.query('alter table vidhuk.elsewhere rename to batch');
    expect(await snapshot()).to.deep.equal(before);
  });
});
