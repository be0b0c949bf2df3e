/**
 * What a batch's rows travel in, see `db/rows/row-array.ts`. A worker that lacks a type, or knows another one, waits; no row is refused by it. So
 * none of them is ever altered, or workers of the version before would wait until they are replaced: other columns are a new type with a new name,
 * and the old one is dropped a version later.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const timesOfBoth = `
  last_sent_at timestamptz, last_delivered_at timestamptz, last_undelivered_at timestamptz, last_opened_at timestamptz, last_clicked_at timestamptz,
  spam_reported_at timestamptz, last_activity_at timestamptz`;

const types = {
  activity_input: `occurred_at timestamptz, activity_key uuid, batch_id uuid, contact_id bigint, message_id bigint, message_instance_id bigint,
    broadcast_id bigint, workflow_id bigint, position integer, hard_bounce boolean, source text, status text, media_type text, iid text, workflow_instance_id text,
    status_description text, click_event_link text, subscriptions text[]`,
  contact_input: `source text, contact_id bigint, email text, email_at timestamptz, phone text, phone_at timestamptz, external_customer_id text,
    external_customer_id_at timestamptz, subscriptions text[], subscriptions_at timestamptz, reachable text[], ${timesOfBoth},
    opted_out_at timestamptz, resubscribed_at timestamptz, first_activity_at timestamptz`,
  channel_input: `source text, contact_id bigint, media_type text, address text, address_at timestamptz, former_addresses text[],
    blacklist_reason text, ${timesOfBoth}, blacklisted_at timestamptz, unsubscribed_at timestamptz, first_activity_at timestamptz`,
  batch_input: `id uuid, source text, origin text, received_at timestamptz, body bytea, bytes integer, total integer, "new" integer, duplicate integer,
    rejected integer`,
  rejection_input: `source text, batch_id uuid, position integer, reason text, detail text, contact_id bigint, moves_flag boolean, raw text,
    raw_bytes integer`,
};

export class RowTypes1700000000004 implements MigrationInterface {
  readonly name = 'RowTypes1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, attributes] of Object.entries(types)) await runner.query(`create type vidhuk.${name} as (${attributes})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(types)) await runner.query(`drop type vidhuk.${name}`);
  }
}
