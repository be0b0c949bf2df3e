import type { DataSource } from 'typeorm';
import { inTransaction } from '../../db/transaction.js';
import { foldName, phoneDigits } from '@vidhuk/shared';

export interface FoundContact {
  source: string;
  contactId: number;
  email: string | null;
  phone: string | null;
  externalCustomerId: string | null;
  blacklisted: boolean;
  unsubscribed: boolean;
  lastActivityAt: Date;
}

/**
 * At most `limit` contacts whose e-mail address, phone number, external id or id contains `text`, whatever its case, in no order; `given` shows something. No index answers
 * that, so the table is read until enough are found; PostgreSQL ends the statement after `timeoutMs` (error 57014).
 */
export function searchContacts(
  dataSource: DataSource,
  given: string,
  { source, limit, timeoutMs }: { source: string | null; limit: number; timeoutMs: number },
): Promise<FoundContact[]> {
  const text = foldName(given);
  const part = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const digits = phoneDigits(text);
  return inTransaction(dataSource, async (client) => {
    await client.query(`set local statement_timeout = ${timeoutMs}`);
    const { rows } = await client.query<FoundContact & { contactId: string }>(
      `select source, contact_id as "contactId", email, phone, external_customer_id as "externalCustomerId", blacklisted, unsubscribed,
         last_activity_at as "lastActivityAt"
       from vidhuk.contact_status
       where (email ilike $1 or external_customer_id ilike $1 or phone like $1 or contact_id::text like $2
           or ($2 <> '' and regexp_replace(phone, '\\D', '', 'g') like $2))
         and ($3::text is null or source = $3)
       limit $4`,
      [part, digits === '' ? '' : `%${digits}%`, source, limit],
    );
    return rows.map((row) => ({ ...row, contactId: Number(row.contactId) }));
  });
}
