/** What the tables are made of, as the catalogues have it, so that others can be made just like them. */
import type { ClientBase } from 'pg';

export interface TableParts {
  /** Quoted where it has to be. */
  name: string;
  parent: string | null;
  /** Of a partitioned table; null: it is none. */
  partitionKey: string | null;
  /** Of a partition, as `for values from … to …`. */
  bound: string | null;
  /** Its storage parameters; null: none. */
  options: string | null;
  comment: string | null;
  /** null: whoever makes it. */
  owner: string | null;
}

const tree = `
  with recursive tree as (
    select oid, null::oid as parent from unnest($1::text[]::regclass[]::oid[]) as oid
    union all
    select inhrelid, inhparent from tree join pg_inherits on inhparent = tree.oid
  )`;

const valuesOf = (schema: string, tables: readonly string[]): unknown[] => [tables.map((table) => `${schema}.${table}`)];

/** The tables with their partitions, parents first. */
export async function describeTables(client: ClientBase, schema: string, tables: readonly string[]): Promise<TableParts[]> {
  const { rows } = await client.query<TableParts>(
    `${tree}
    select quote_ident(c.relname) as name, quote_ident(p.relname) as parent, case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as "partitionKey",
      pg_get_expr(c.relpartbound, c.oid) as bound, array_to_string(c.reloptions, ', ') as options, obj_description(c.oid, 'pg_class') as comment,
      case when c.relowner <> (select oid from pg_roles where rolname = current_user) then quote_ident(pg_get_userbyid(c.relowner)) end as owner
    from tree join pg_class c on c.oid = tree.oid left join pg_class p on p.oid = tree.parent
    order by tree.parent is not null, c.relname`,
    valuesOf(schema, tables),
  );
  return rows;
}

/** Primary and unique keys, each as a statement. */
export async function describeKeys(client: ClientBase, schema: string, tables: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ statement: string }>(
    `${tree}
    select format('alter table %s.%I add constraint %I %s', $2::text, c.relname, k.conname, pg_get_constraintdef(k.oid)) as statement
    from tree join pg_class c on c.oid = tree.oid join pg_constraint k on k.conrelid = c.oid and k.contype in ('p', 'u', 'x')
    order by tree.parent is not null, c.relname, k.conname`,
    [...valuesOf('vidhuk', tables), schema],
  );
  return rows.map(({ statement }) => statement);
}

export interface IndexParts {
  name: string;
  /** Of a partition's index: the index of the parent that it belongs to. */
  parent: string | null;
  definition: string;
  comment: string | null;
}

/** Indexes that belong to no key, those of parents first. */
export async function describeIndexes(client: ClientBase, tables: readonly string[]): Promise<IndexParts[]> {
  const { rows } = await client.query<IndexParts>(
    `${tree}
    select quote_ident(i.relname) as name, quote_ident(p.relname) as parent, pg_get_indexdef(i.oid) as definition,
      obj_description(i.oid, 'pg_class') as comment
    from tree join pg_index x on x.indrelid = tree.oid join pg_class i on i.oid = x.indexrelid
    left join pg_inherits h on h.inhrelid = i.oid left join pg_class p on p.oid = h.inhparent
    where not exists (select from pg_constraint where conindid = i.oid and contype in ('p', 'u', 'x'))
    order by p.relname is not null, i.relname`,
    valuesOf('vidhuk', tables),
  );
  return rows;
}

/** Who may do what with them, as statements for `schema`; owners need none. `parts`: partitions too, where `schema` has them. */
export async function describeGrants(
  client: ClientBase,
  schema: string,
  tables: readonly string[],
  { parts }: { parts: boolean },
): Promise<string[]> {
  const { rows } = await client.query<{ statement: string }>(
    `${tree}, wanted as (
      select oid from tree where parent is null or $3
    ), granted as (
      select c.relname, null::name as attname, c.relowner, a.* from wanted tree join pg_class c on c.oid = tree.oid cross join aclexplode(c.relacl) as a
      union all
      select c.relname, t.attname, c.relowner, a.*
      from wanted tree join pg_class c on c.oid = tree.oid join pg_attribute t on t.attrelid = c.oid and not t.attisdropped cross join aclexplode(t.attacl) as a
    )
    select format('grant %s%s on %s.%I to %s%s', privilege_type, '(' || quote_ident(attname) || ')', $2::text, relname,
      case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end, case when is_grantable then ' with grant option' else '' end) as statement
    from granted where grantee <> relowner order by 1`,
    [...valuesOf('vidhuk', tables), schema, parts],
  );
  return rows.map(({ statement }) => statement);
}
