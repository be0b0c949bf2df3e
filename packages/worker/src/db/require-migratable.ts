/** Whether a database can be migrated at all: asked before the first change, so that none is left half done. */
import { ConfigurationError } from '@vidhuk/shared';
import type pg from 'pg';

interface Facts {
  database: string;
  encoding: string;
  username: string;
  may_create: boolean;
  has_role: boolean;
}

/** What to do about a database that does not take every text. */
export const encodingRemedy = `let DATABASE_URL name one made by "create database vidhuk encoding 'UTF8' template template0"`;

/** Throws a {@link ConfigurationError} where text would be refused, or where the user may not make the schema. */
export async function requireMigratable(client: pg.Client, setting: 'DATABASE_URL' | 'QUEUE_URL'): Promise<void> {
  const { rows } = await client.query<Facts>(
    `select quote_ident(current_database()) as database, current_setting('server_encoding') as encoding,
            quote_ident(current_user) as username, has_database_privilege(current_database(), 'create') as may_create,
            exists (select from pg_roles where rolname = 'vidhuk_support' or (rolname = current_user and (rolsuper or rolcreaterole))) as has_role`,
  );
  const problems: string[] = [];
  for (const { database, encoding, username, may_create, has_role } of rows) {
    if (!may_create)
      problems.push(
        `${setting}: the user ${username} may not create schemas in the database ${database}: ` +
          `as its owner or a superuser: grant create on database ${database} to ${username}`,
      );
    if (setting === 'QUEUE_URL') continue; // jobs are ASCII, and nobody reads them
    if (encoding !== 'UTF8')
      problems.push(`DATABASE_URL: the database ${database} has the encoding ${encoding}, not UTF8: ${encodingRemedy}`);
    if (!has_role)
      problems.push(
        `DATABASE_URL: the user ${username} may not create the role of the support: as a superuser: create role vidhuk_support nologin`,
      );
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
}
