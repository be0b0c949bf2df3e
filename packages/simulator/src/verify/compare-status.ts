/** The projections against the fold of the ledger, column by column. */
import type { ClientBase } from 'pg';
import type { ColumnValue, ExpectedContact, ExpectedStatuses, StatusColumns } from '../expected-status.js';
import type { Differences } from './difference.js';

/** Contacts looked up by one statement. */
const CHUNK = 2_000;

interface Row extends Record<string, unknown> {
  source: string;
  /** As the driver gives a bigint. */
  contact_id: string;
  media_type: string | null;
}

const CONTACTS = `
  select t.*, null as media_type from vidhuk.contact_status t
  where (t.source, t.contact_id) in (select * from unnest($1::text[], $2::bigint[]))`;
const CHANNELS = `
  select t.* from vidhuk.contact_channel_status t
  where (t.source, t.contact_id) in (select * from unnest($1::text[], $2::bigint[]))`;

/** Adds what differs, for the contacts in `statuses`, to `differences`. Rejects with the driver's error. */
export async function compareStatus(client: ClientBase, statuses: ExpectedStatuses, differences: Differences): Promise<void> {
  let chunk: ExpectedContact[] = [];
  for (const contact of statuses.contacts()) {
    chunk.push(contact);
    if (chunk.length < CHUNK) continue;
    await compareChunk(client, chunk, differences);
    chunk = [];
  }
  if (chunk.length > 0) await compareChunk(client, chunk, differences);
}

async function compareChunk(client: ClientBase, chunk: readonly ExpectedContact[], differences: Differences): Promise<void> {
  const keys = [chunk.map(({ source }) => source), chunk.map(({ contactId }) => contactId)];
  const actual = new Map<string, Row>();
  for (const sql of [CONTACTS, CHANNELS]) {
    const { rows } = await client.query<Row>(sql, keys);
    for (const row of rows) actual.set(nameOf(row.source, row.contact_id, row.media_type), row);
  }
  for (const { source, contactId, contact, channels } of chunk) {
    const expectedRows: [string | null, StatusColumns][] = [[null, contact], ...channels];
    for (const [mediaType, expected] of expectedRows) {
      const name = nameOf(source, contactId, mediaType);
      const row = actual.get(name);
      actual.delete(name);
      if (row) compareRow({ source, contactId, mediaType }, expected, row, differences);
      else differences.add({ kind: 'missing-status', source, contactId, mediaType });
    }
  }
  for (const { source, contact_id, media_type } of actual.values()) {
    differences.add({ kind: 'unexpected-status', source, contactId: Number(contact_id), mediaType: media_type });
  }
}

function compareRow(
  where: { source: string; contactId: number; mediaType: string | null },
  expected: StatusColumns,
  row: Row,
  differences: Differences,
): void {
  for (const [column, value] of Object.entries(expected)) {
    const wanted = typeof value === 'number' ? new Date(value).toISOString() : value;
    const found = valueOf(row[column]);
    if (JSON.stringify(found) === JSON.stringify(wanted)) continue;
    differences.add({ kind: 'altered-status', ...where, column, expected: wanted, actual: found });
  }
}

/** What the driver gave, comparable: times as ISO 8601; a column that does not exist shows as such. */
function valueOf(value: unknown): ColumnValue {
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(String);
  return value === undefined ? 'no such column' : JSON.stringify(value);
}

function nameOf(source: string, contactId: number | string, mediaType: string | null): string {
  return JSON.stringify([source, String(contactId), mediaType]);
}
