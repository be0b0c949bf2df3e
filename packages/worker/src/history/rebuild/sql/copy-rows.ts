/** Rows of other sources, which are taken over as they are. */
import type { ClientBase } from 'pg';
import { secondSchema } from '../../../projection/second-tables.js';

async function columnsOf(client: ClientBase, table: string): Promise<string> {
  const { rows } = await client.query<{ names: string }>(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [`vidhuk.${table}`],
  );
  return rows[0]?.names ?? '';
}

/** Those of a stretch that are of any source but `source`. */
export async function copyLog(
  client: ClientBase,
  { first, last }: { first: string; last: string },
  source: string,
): Promise<void> {
  const columns = await columnsOf(client, 'activity');
  await client.query(
    `insert into ${secondSchema}.activity (${columns}) select ${columns} from vidhuk.activity
     where occurred_at >= $1 and occurred_at < $2 and source <> $3 on conflict do nothing`,
    [first, last, source],
  );
}

/** Contacts of `source` from `first` to `last`, with their channels. */
export async function copyContacts(
  client: ClientBase,
  { first, last }: { first: string; last: string },
  source: string,
): Promise<void> {
  for (const table of ['contact_status', 'contact_channel_status']) {
    const columns = await columnsOf(client, table);
    await client.query(
      `insert into ${secondSchema}.${table} (${columns}) select ${columns} from vidhuk.${table}
       where source = $1 and contact_id between $2 and $3 on conflict do nothing`,
      [source, first, last],
    );
  }
}
