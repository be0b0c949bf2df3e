/** What decides flags besides activities: the settings of the sources, as the database knows them, so that every worker decides alike. */
import type { ClientBase } from 'pg';
import type { ContactKey } from './contact-key.js';

export interface OptIn {
  source: string;
  endsUnsubscribed: boolean;
  endsComplaint: boolean;
}

/** Of a setting that changes, `decided` tells that the flags do not follow from it yet. */
const sql = `
  insert into vidhuk.source as s (source, opt_in_ends_unsubscribed, opt_in_ends_complaint)
  select * from unnest($1::text[], $2::boolean[], $3::boolean[]) as r(source, ends_unsubscribed, ends_complaint) order by source
  on conflict (source) do update
    set opt_in_ends_unsubscribed = excluded.opt_in_ends_unsubscribed, opt_in_ends_complaint = excluded.opt_in_ends_complaint, decided = false
    where (s.opt_in_ends_unsubscribed, s.opt_in_ends_complaint) is distinct from (excluded.opt_in_ends_unsubscribed, excluded.opt_in_ends_complaint)`;

/** Held by transactions that decide by the settings, each beside the others, and by the one that changes them, alone. */
const settingsLock = `hashtextextended('vidhuk sources', 0)`;

/** To be sent before flags are decided: whoever changes the settings waits for those who still decide by the old ones, and then looks at their contacts. */
export async function holdSourceSettings(client: ClientBase): Promise<void> {
  await client.query({ name: 'hold-sources', text: `select pg_advisory_xact_lock_shared(${settingsLock})` });
}

export async function writeSourceSettings(client: ClientBase, settings: readonly OptIn[]): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(${settingsLock})`);
  await client.query(sql, [
    settings.map(({ source }) => source),
    settings.map(({ endsUnsubscribed }) => endsUnsubscribed),
    settings.map(({ endsComplaint }) => endsComplaint),
  ]);
}

/** Sources whose settings have changed since their flags were decided, with the settings. */
export async function undecidedSources(client: ClientBase): Promise<OptIn[]> {
  const { rows } = await client.query<OptIn>(
    `select source, opt_in_ends_unsubscribed as "endsUnsubscribed", opt_in_ends_complaint as "endsComplaint"
     from vidhuk.source where not decided order by source`,
  );
  return rows;
}

/** Unless somebody has changed them again meanwhile. */
export async function markDecided(client: ClientBase, { source, endsUnsubscribed, endsComplaint }: OptIn): Promise<void> {
  await client.query(
    `update vidhuk.source set decided = true
     where source = $1 and opt_in_ends_unsubscribed = $2 and opt_in_ends_complaint = $3`,
    [source, endsUnsubscribed, endsComplaint],
  );
}

/** Locks the next `limit` contacts behind `after`, in key order, for which the setting makes a difference: those who chose a subscription. */
export async function lockChoosers(
  client: ClientBase,
  source: string,
  after: string | null,
  limit: number,
): Promise<ContactKey[]> {
  const { rows } = await client.query<ContactKey>(
    `select source, contact_id from vidhuk.contact_status
     where source = $1 and resubscribed_at is not null and ($2::bigint is null or contact_id > $2)
     order by source, contact_id limit $3 for update`,
    [source, after, limit],
  );
  return rows;
}
