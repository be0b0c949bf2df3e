import { expect } from 'chai';
import pg from 'pg';
import { connectionOf } from '../../../packages/worker/src/reconcile/export/export-database.js';

describe('the connection to the database of the platform’s export', () => {
  it('is ended where no answer comes: by the driver after its limit, by the kernel while nothing is under way', () => {
    expect(connectionOf('postgres://u:p@127.0.0.1:1/d')).to.include({
      pipeline: true, // what makes the driver end a connection, and not only its question
      query_timeout: 125_000,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
  });

  it('takes sslmode as psql does', () => {
    const client = new pg.Client(connectionOf('postgres://u:p@127.0.0.1:1/d?sslmode=require'));
    expect((client as unknown as { ssl: unknown }).ssl).to.deep.equal({ rejectUnauthorized: false });
  });
});
