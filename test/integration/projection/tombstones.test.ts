/** Tombstones that come while batches are under way. */
import { expect } from 'chai';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { keyCheckOf, tombstoneHash, Tombstones } from '../../../packages/worker/src/projection/tombstones.js';
import { holdBatches, writeTombstones } from '../../../packages/worker/src/projection/sql/tombstones.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { until } from '../../support/poll.js';
import { batchOf, openDatabase, type TestDatabase } from '../../support/projection.js';

const key = 'a-key-of-tests-that-has-more-than-32-characters';
const element = (contactId: number, nth = 0) => ({
  activityDateTime: `2026-11-01T10:00:0${nth}`,
  activityStatus: 'READ',
  mediaType: 'email',
  iid: `i-${contactId}-${nth}`,
  contactId,
});

describe('Tombstones', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openDatabase();
  });
  afterEach(() => test.drop());

  const erase = (contactId: number) =>
    inTransaction(test.database, (client) =>
      writeTombstones(
        client,
        [{ source: 'main', kind: 'contact', hash: tombstoneHash(key, 'main', 'contact', String(contactId)) }],
        keyCheckOf(key),
      ),
    );
  const contacts = async () =>
    (await test.database.query<{ contact_id: string }[]>('select contact_id from vidhuk.contact_status')).map(
      (row) => row.contact_id,
    );

  it('wait for a batch under way, and are known to the next', async () => {
    const tombstones = new Tombstones(key);
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    const first = applyBatches(test.database, [batchOf([element(1)])], () => held, undefined, tombstones);
    const locked = (granted: boolean) => async () =>
      (await test.database.query<unknown[]>(`select from pg_locks where locktype = 'advisory' and granted = ${granted}`)).length >
      0;
    await until('the batch is under way', locked(true));
    const erasing = erase(2);
    await until('the erasure waits', locked(false));
    commit();
    await Promise.all([first, erasing]);
    const [outcome] = await applyBatches(test.database, [batchOf([element(2)])], undefined, undefined, tombstones);
    expect(outcome).to.deep.equal({ new: 0, duplicate: 0, rejected: 0, erased: 1 });
    expect(await contacts()).to.deep.equal(['1']);
  });

  it('that one transaction has learnt of count for no batch that was prepared before', async () => {
    const tombstones = new Tombstones(key);
    const gate = await test.another();
    const release = gate.createQueryRunner();
    await release.connect();
    await release.query('begin');
    await holdBatches({ query: (text: string) => release.query(text) } as never);
    const prepared = applyBatches(test.database, [batchOf([element(2, 1)])], undefined, undefined, tombstones);
    await until('it waits for the lock', async () => {
      const rows = await gate.query<unknown[]>(`select from pg_locks where locktype = 'advisory' and not granted`);
      return rows.length > 0;
    });
    await release.query(`insert into vidhuk.erased (source, kind, hash, key_check) values ('main', 'contact', $1, $2)`, [
      tombstoneHash(key, 'main', 'contact', '2'),
      keyCheckOf(key),
    ]);
    // Another transaction of this process learns of it first.
    const rows: unknown = await release.query('select id, hash, key_check from vidhuk.erased');
    await tombstones.load({ query: () => Promise.resolve({ rows }) } as never);
    await release.query('commit');
    await release.release();
    const [outcome] = await prepared;
    expect(outcome?.erased).to.equal(1);
    expect(await contacts()).to.deep.equal([]);
  });
});
