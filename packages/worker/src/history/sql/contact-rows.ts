/** One contact's rows of the projections. */
import type { ClientBase } from 'pg';

interface Key {
  source: string;
  contactId: number;
}

/** A row of a projection by column names, as JSON has it. */
export interface StatusRow {
  /** `contact`, or the media type. */
  scope: string;
  row: Record<string, unknown>;
}

/** The contact's rows, which are locked by it. */
export async function readStatusRows(client: ClientBase, { source, contactId }: Key): Promise<StatusRow[]> {
  const contact = await client.query<StatusRow>(
    `select 'contact' as scope, to_jsonb(c) as row from vidhuk.contact_status c where source = $1 and contact_id = $2 for update`,
    [source, contactId],
  );
  const channels = await client.query<StatusRow>(
    `select media_type as scope, to_jsonb(c) as row from vidhuk.contact_channel_status c
     where source = $1 and contact_id = $2 order by media_type for update`,
    [source, contactId],
  );
  return [...contact.rows, ...channels.rows];
}

export async function removeStatusRows(client: ClientBase, { source, contactId }: Key): Promise<void> {
  await client.query('delete from vidhuk.contact_channel_status where source = $1 and contact_id = $2', [source, contactId]);
  await client.query('delete from vidhuk.contact_status where source = $1 and contact_id = $2', [source, contactId]);
}
