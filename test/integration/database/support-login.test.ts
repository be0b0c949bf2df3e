import { expect } from 'chai';
import pg from 'pg';
import { makeSupportLogin } from '../../../packages/cli/src/instance/support-login.js';
import { supportUrlOf } from '../../../packages/cli/src/instance/support-url.js';
import { rejection } from '../../support/poll.js';
import { createDatabase } from '../../support/services/database.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

async function query<T extends object>(url: string, statement: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('The login role of support', () => {
  let database: { url: string; drop: () => Promise<void> };
  const made: string[] = [];
  before(async () => {
    database = await createDatabase();
  });
  after(async () => {
    const { url } = database;
    for (const role of made) await query(url, `drop owned by ${role}; drop role ${role}`);
    await database.drop();
  });

  it('reads what vidhuk_support reads, and has its settings from the role', async () => {
    const url = await makeSupportLogin(database.url, 'first');
    made.push(new URL(url).username);
    expect(await query(url, 'select from contact_status')).to.deep.equal([]);
    expect(await rejection(query(url, 'select from follow_up'))).to.have.property('code', '42501');
    const settings = ['search_path', 'timezone', 'statement_timeout', 'idle_in_transaction_session_timeout'];
    const [row] = await query(
      url,
      `select ${[...settings, 'default_transaction_read_only'].map((name) => `current_setting('${name}') as ${name}`).join(', ')}`,
    );
    expect(row).to.deep.equal({
      search_path: 'vidhuk',
      timezone: 'UTC',
      statement_timeout: '1min',
      idle_in_transaction_session_timeout: '1min',
      default_transaction_read_only: 'on',
    });
  });

  it('is made once, and has the password that was given last', async () => {
    const before = await makeSupportLogin(database.url, 'first');
    const after = await makeSupportLogin(database.url, 'other');
    expect(new URL(after).username).to.equal(new URL(before).username);
    expect(await rejection(query(before, 'select'))).to.have.property('code', '28P01');
    expect(await query(after, 'select from contact_status')).to.deep.equal([]);
  });

  it('is told in one line where it cannot be made, and the start goes on', async () => {
    const owner = 'plain_owner';
    await query(database.url, `create role ${owner} login password 'x'; grant usage on schema vidhuk to ${owner}`);
    made.push(owner);
    const url = new URL(database.url);
    url.username = owner;
    url.password = 'x';
    const warnings: string[] = [];
    const home = await makeTemporaryDirectory();
    expect(await supportUrlOf(home, url.href, {}, (line) => warnings.push(line))).to.equal(undefined);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.match(
      /^Support has no login of its own \(permission denied.*create role … login in role vidhuk_support.*SUPPORT_DATABASE_URL/,
    );
    expect(warnings[0]).to.not.include('\n');
  });

  it('is the one that SUPPORT_DATABASE_URL names, where it is set', async () => {
    const given = 'postgres://desk@db.example/vidhuk';
    const fail = (line: string) => expect.fail(line);
    expect(await supportUrlOf('/nonexistent', database.url, { SUPPORT_DATABASE_URL: given }, fail)).to.equal(given);
  });
});
