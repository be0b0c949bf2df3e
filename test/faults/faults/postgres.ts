/** A PostgreSQL that is there and does not do what it is told. */
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster.js';
import { shortStatementsLock, statementTimeoutMs } from '../configuration.js';
import type { FaultKind } from '../fault.js';

const targets = () => ['postgres'];

/** Repeats `statement` until it is told to end. */
async function repeatedly(cluster: Cluster, statement: string, everyMs: number): Promise<() => Promise<void>> {
  const over = new AbortController();
  try {
    await cluster.withClient((client) => client.query(statement));
  } catch (error) {
    const hasStruck = error instanceof pg.DatabaseError && error.code === '57014'; // query_canceled: it was at it for its whole time
    if (!hasStruck) throw error;
  }
  const done = (async () => {
    // The database may be restarted by another fault meanwhile: then there is nothing to disturb.
    while (!over.signal.aborted) {
      await cluster.withClient((client) => client.query(statement)).catch(() => undefined);
      await sleep(everyMs);
    }
  })();
  return () => {
    over.abort();
    return done;
  };
}

/** Keeps a transaction open that has run `statement`. */
async function hold({ databaseUrl }: Cluster, statement: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 3_000 });
  client.on('error', () => undefined); // then it holds nothing any more
  await client.connect();
  await client.query(`begin; set local lock_timeout = '2s'; ${statement}`);
  return () => client.end();
}

async function takeAllConnections({ databaseUrl }: Cluster): Promise<() => Promise<void>> {
  const taken: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 3_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      taken.push(client);
    } catch {
      return async () => {
        await Promise.all(taken.map((one) => one.end()));
      };
    }
  }
}

const others = `from pg_stat_activity where backend_type = 'client backend' and application_name like 'vidhuk%'`;
const endConnections = `select pg_terminate_backend(pid) ${others}`;

/**
 * Whatever of Vidhuk wants to write to the table waits until its statement_timeout cancels it, and so does its repetition. The limit is short for new
 * connections while this lasts; so the old ones end, at its end too. A limit that is always short cancels sound work on a busy machine.
 */
async function keepFromTable(cluster: Cluster, table: string): Promise<() => Promise<void>> {
  const release = await hold(
    cluster,
    `select pg_advisory_xact_lock(${shortStatementsLock}); lock table ${table} in exclusive mode`,
  );
  const end = async () => {
    await cluster.withClient((client) => client.query(endConnections));
  };
  try {
    await end();
  } catch (error) {
    await release();
    throw error;
  }
  return async () => {
    await release();
    await end();
  };
}

/**
 * Against the order in which Vidhuk locks contacts; patient enough that it is Vidhuk whose transaction ends, and not so patient that it holds
 * everybody up for minutes: whenever one of Vidhuk's ends, the next one is in its way.
 */
const lockBackwards = `
  set deadlock_timeout = '60s'; set statement_timeout = '4s';
  with recent as (select contact_id from vidhuk.contact_status where source = 'main' order by updated_at desc limit 200)
  select c.contact_id, pg_sleep(0.002) from vidhuk.contact_status c join recent using (contact_id) order by c.contact_id desc for update of c`;

const written = ['batch', 'activity', 'contact_status', 'follow_up'];
/** As a server that says so of every transaction: our sessions have their own word on the setting, which alone would change nothing for them. */
const turnReadOnly = `
  set lock_timeout = '2s';
  create function public.writes_nothing() returns trigger language plpgsql as $$
    begin raise exception 'cannot execute in a read-only transaction' using errcode = 'read_only_sql_transaction'; end $$;
  ${written.map((table) => `create trigger writes_nothing before insert or update or delete on vidhuk.${table} execute function public.writes_nothing();`).join('\n  ')}`;
const turnBack = 'drop function if exists public.writes_nothing cascade';
/** As pg_dump does: whoever wants to change a table waits, and who comes behind that one waits too. */
const everyTable = `
  set transaction isolation level repeatable read;
  do $$ declare name text; begin
    for name in select format('%I.%I', nspname, relname) from pg_class join pg_namespace n on n.oid = relnamespace
                where nspname = 'vidhuk' and relkind in ('r', 'p') loop
      execute format('lock table only %s in access share mode', name);
    end loop;
  end $$`;

export const postgresFaults: FaultKind[] = [
  { name: 'PostgreSQL out of connections', forMs: [500, 2_500], targets, strike: takeAllConnections },
  {
    name: 'PostgreSQL turned read-only',
    forMs: [300, 2_500],
    targets,
    async strike(cluster) {
      await cluster.withClient((client) => client.query(turnReadOnly));
      return () => cluster.withClient((client) => client.query(turnBack)).then(() => undefined);
    },
  },
  {
    name: 'statements cancelled',
    forMs: [300, 1_500],
    targets,
    strike: (cluster) => repeatedly(cluster, `select pg_cancel_backend(pid) ${others} and state = 'active'`, 50),
  },
  {
    name: 'connections ended by the server',
    forMs: [0, 500],
    targets,
    strike: (cluster) => repeatedly(cluster, endConnections, 200),
  },
  { name: 'deadlocks', forMs: [500, 2_500], targets, strike: (cluster) => repeatedly(cluster, lockBackwards, 10) },
  {
    name: 'a table locked by somebody else',
    forMs: [300, 2_500],
    targets,
    strike: (cluster) => hold(cluster, 'lock table vidhuk.contact_status in exclusive mode'),
  },
  {
    name: 'statement_timeout hit',
    weight: 1.5,
    forMs: [statementTimeoutMs + 500, statementTimeoutMs + 2_500],
    targets: ({ backend }) => ['vidhuk.contact_status', 'vidhuk.follow_up', ...(backend === 'postgres' ? ['bullmq.job'] : [])],
    strike: keepFromTable,
  },
  {
    name: 'a reader that holds a transaction',
    forMs: [1_000, 5_000],
    targets,
    strike: (cluster) => hold(cluster, everyTable),
  },
];
