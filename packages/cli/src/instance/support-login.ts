/** The login role of the people in support: the rights of `vidhuk_support`, which cannot log in, and settings fit for reading by hand. */
import { endsWhenDead, PostgresClient } from '@vidhuk/shared';

const settings = {
  search_path: 'vidhuk',
  timezone: 'UTC',
  statement_timeout: '60s',
  idle_in_transaction_session_timeout: '60s',
  default_transaction_read_only: 'on',
};

/** Any number that nobody else uses in this database: the letters "desk". */
const advisoryLock = 0x6465736b;

/** One per database: roles belong to the whole server, and two databases on it would take each other's password away. */
const roleOf = (database: string): string => `vidhuk_support_${database}`.slice(0, 63);

/**
 * Makes the role where it is missing, with its password and settings as they are here, in the migrated database at `databaseUrl`. Gives the URL by
 * which support connects, tried; fails where the user of `databaseUrl` may not make roles, or the server does not let the new one in.
 */
export async function makeSupportLogin(databaseUrl: string, password: string): Promise<string> {
  const role = await within(databaseUrl, async (client) => {
    const { rows } = await client.query<{ database: string }>('select current_database() as database');
    const role = roleOf(rows[0]?.database ?? '');
    const name = client.escapeIdentifier(role);
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [advisoryLock]);
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
    if (rowCount === 0) await client.query(`create role ${name} in role vidhuk_support`);
    await client.query(`alter role ${name} login password ${client.escapeLiteral(password)}`);
    for (const [setting, value] of Object.entries(settings))
      await client.query(`alter role ${name} set ${setting} to ${client.escapeLiteral(value)}`);
    await client.query('commit');
    return role;
  });
  const url = new URL(databaseUrl);
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(password);
  await within(url.href, (client) => client.query('select from contact_status limit 1'));
  return url.href;
}

async function within<T>(url: string, work: (client: PostgresClient) => Promise<T>): Promise<T> {
  const client = new PostgresClient({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'vidhuk start',
    ...endsWhenDead(30_000),
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
