/** What the roles of a production may do: granted by whoever migrates, to those of them that the server has. Others make them: `deploy/postgres/roles.sql`. */
import type { ClientBase } from 'pg';

type Role = 'vidhuk_worker' | 'vidhuk_console' | 'vidhuk_ingress';

const writing = 'select, insert, update, delete';

/** What the ingress reads for `answer: contact`. */
const readByIngress = 'vidhuk.contact_status, vidhuk.contact_channel_status';

/** Statements by role, in order; for every table there is, and for those that are made later. */
const rights: Record<Role, (facts: Facts) => string[]> = {
  vidhuk_worker: ({ schemas, hasMaintain }) => [
    ...schemas.flatMap((schema) => [
      `grant usage on schema ${schema} to vidhuk_worker`,
      `grant ${writing} on all tables in schema ${schema} to vidhuk_worker`,
      `grant usage, select on all sequences in schema ${schema} to vidhuk_worker`,
      `alter default privileges in schema ${schema} grant ${writing} on tables to vidhuk_worker`,
      `alter default privileges in schema ${schema} grant usage, select on sequences to vidhuk_worker`,
    ]),
    // Which migrations have run is the owner's to write.
    'revoke insert, update, delete on vidhuk.migration from vidhuk_worker',
    ...(hasMaintain
      ? [
          'grant maintain on all tables in schema vidhuk to vidhuk_worker',
          'alter default privileges in schema vidhuk grant maintain on tables to vidhuk_worker',
        ]
      : []),
    // Workers make the months that rows need, of which the owner stays the owner. Its names are quoted, and it reaches our schema alone.
    'alter function vidhuk.ensure_partition(text, text, date) security definer set search_path = pg_catalog, pg_temp',
    'revoke execute on function vidhuk.ensure_partition(text, text, date) from public',
    'grant execute on function vidhuk.ensure_partition(text, text, date) to vidhuk_worker',
    // And let them go again, of which the function sees to it that they are due. Its search path is fixed already.
    'alter function vidhuk.drop_month(text, text) security definer',
    'grant execute on function vidhuk.drop_month(text, text) to vidhuk_worker',
  ],
  vidhuk_console: () => [
    'grant usage on schema vidhuk to vidhuk_console',
    'grant select on all tables in schema vidhuk to vidhuk_console',
    'alter default privileges in schema vidhuk grant select on tables to vidhuk_console',
  ],
  vidhuk_ingress: () => ['grant usage on schema vidhuk to vidhuk_ingress', `grant select on ${readByIngress} to vidhuk_ingress`],
};

interface Facts {
  /** Of ours: the queue's only where it lives in this database. */
  schemas: string[];
  /** PostgreSQL 17 and later: gathering statistics is a right of its own. */
  hasMaintain: boolean;
}

/** Gives the roles that have their rights now. `client`: the owner of the tables, after the migrations. */
export async function grantRoles(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<Facts & { roles: Role[] }>(
    `select array(select rolname::text from pg_roles where rolname = any($1) order by 1) as roles,
            array(select nspname::text from pg_namespace where nspname in ('vidhuk', 'bullmq') order by 1) as schemas,
            current_setting('server_version_num')::integer >= 170000 as "hasMaintain"`,
    [Object.keys(rights)],
  );
  const [found] = rows;
  if (found === undefined) return [];
  for (const role of found.roles) for (const statement of rights[role](found)) await client.query(statement);
  return found.roles;
}
