import { expect } from 'chai';
import pg from 'pg';
import { createDatabase } from '../../support/services/database.js';
import { runCli } from '../../support/run-cli.js';

interface Found {
  contacts: { contactId: number }[];
  more: boolean;
}

describe('vidhuk search', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let client: pg.Client;
  const run = (...args: string[]) => runCli({ DATABASE_URL: database.url }, 'search', ...args);
  const ids = async (...args: string[]) =>
    ((await run(...args, '--json')).json() as Found).contacts.map(({ contactId }) => contactId);

  before(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`insert into vidhuk.contact_status (source, contact_id, email, phone, external_customer_id, first_activity_at, last_activity_at)
      values ('main', 1001, 'Anna@Example.com', null, 'ext-77', now(), now()), ('main', 1002, null, '+38 (095) 649-09-55', null, now(), now()),
        ('other', 2003, 'bob_1@example.org', null, null, now(), now()), ('other', 2004, 'bobx1@example.org', null, null, now(), now())`);
  });
  after(async () => {
    await client.end();
    await database.drop();
  });

  it('finds by a part of address, domain, phone, external id or id, whatever its case', async () => {
    expect(await ids('anna@')).to.deep.equal([1001]);
    expect(await ids('@EXAMPLE')).to.have.members([1001, 2003, 2004]);
    expect(await ids('6490955')).to.deep.equal([1002]);
    expect(await ids('649-09')).to.deep.equal([1002]);
    expect(await ids('EXT-7')).to.deep.equal([1001]);
    expect(await ids('200')).to.have.members([2003, 2004]);
    expect(await ids('example', '--source', 'main')).to.deep.equal([1001]);
  });
  it('finds what was pasted with characters that cannot be seen, and asks for something where there is nothing else', async () => {
    expect(await ids('\u200banna@\u00a0')).to.deep.equal([1001]);
    expect(await ids('649\u201109\u201155')).to.deep.equal([1002]);
    for (const nothing of ['\u200b', '\u00a0', '']) expect((await run(nothing)).code, JSON.stringify(nothing)).to.equal(2);
  });
  it('takes signs of patterns for what they are', async () => {
    expect(await ids('bob_1')).to.deep.equal([2003]);
    expect(await ids('%')).to.deep.equal([]);
  });
  it('shows as many as asked for, and says that there are more', async () => {
    expect((await run('example', '--limit', '2', '--json')).json()).to.have.property('more', true);
    const { stdout } = await run('example', '--limit', '2');
    expect(stdout).to.contain('and more').and.to.contain('npx vidhuk contact --id <contact>');
    expect((await run('example', '--limit', '3')).stdout).not.to.contain('and more');
  });
  it('exits 1 where nobody is found', async () => {
    const { code, stderr } = await run('nobody');
    expect([code, stderr]).to.deep.equal([1, 'No contact has "nobody" in its addresses or ids.\n']);
  });
  it('gives up with a way out where there are too many contacts to look through in time', async () => {
    // A look at each of them that takes longer than there is time.
    await client.query(`alter table vidhuk.contact_status rename to contact_status_table`);
    await client.query(`create view vidhuk.contact_status with (security_barrier) as
      select * from vidhuk.contact_status_table where pg_sleep(30) is not null`);
    const { code, stderr } = await run('nobody');
    expect([code, stderr]).to.deep.equal([
      2,
      'vidhuk: there are too many contacts to look through in 10 s: ask for the whole address or id with "npx vidhuk contact"\n',
    ]);
  });
});
