/** Whether the worker's user may do what a worker does: asked at the start, so that no batch finds out. */
import { ConfigurationError } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';

interface Missing {
  user: string;
  table: string;
  privileges: string[];
}

const sql = `
  select current_user as user, t.name as table, array_agg(p.privilege order by p.nth) as privileges
  from unnest($1::text[]) as t(name), unnest(array['select', 'insert', 'update', 'delete']) with ordinality as p(privilege, nth)
  where not has_table_privilege(t.name, p.privilege)
  group by t.name order by t.name`;

/** Throws a {@link ConfigurationError} that names what is missing; once it is granted, the same call succeeds. */
export async function requireRights(dataSource: DataSource): Promise<void> {
  const tables = dataSource.entityMetadatas.map(({ tablePath }) => tablePath);
  const missing = await dataSource.query<Missing[]>(sql, [tables]);
  if (missing.length === 0) return;
  throw new ConfigurationError(
    missing.map(
      ({ user, table, privileges }) =>
        `the user "${user}" may not ${privileges.join(', ')} ${table}: as its owner: grant ${privileges.join(', ')} on ${table} to "${user}"`,
    ),
  );
}
