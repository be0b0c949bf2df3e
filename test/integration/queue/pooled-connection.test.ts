import { Queue, Worker, type PgPool } from 'bullmq';
import { expect } from 'chai';
import pg from 'pg';
import { asBullPool, pooledBackend } from '../../../packages/shared/src/pooled-connection.js';
import { SharedListener } from '../../../packages/shared/src/shared-listener.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';

describe('Queues and workers on a pool in PostgreSQL', () => {
  let test: TestDatabase;
  let pool: pg.Pool;
  before(async () => {
    test = await openDatabase();
    pool = new pg.Pool({ connectionString: test.url, options: '-c search_path=bullmq', max: 2 });
  });
  after(async () => {
    await pool.end();
    await test.drop();
  });

  it('leave no listener at it, however many were opened and closed', async () => {
    const before = pool.listenerCount('error');
    const errors: Error[] = [];
    const listener = new SharedListener(pool, (error) => void errors.push(error));
    const connection: PgPool = asBullPool(pool);
    for (let nth = 0; nth < 10; nth++) {
      const queue = new Queue(`queue-${nth}`, { connection }, pooledBackend(pool));
      const worker = new Worker(`queue-${nth}`, () => Promise.resolve(), { connection, autorun: false }, listener.backend(pool));
      await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
      await Promise.all([queue.close(), worker.close()]);
    }
    await listener.close();
    expect(pool.listenerCount('error')).to.equal(before);
    expect(errors).to.deep.equal([]);
  });
});
