import { foldName, nameSpellings, phoneSpellings } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { WorkflowRequest } from '../../workflow/workflow-request.js';

/** Each branch has its index. Of several contacts with one address the one that has it as it was given is meant, then the latest seen. */
const sql = `
  select r.id, coalesce(
    (select contact_id from vidhuk.contact_status c where c.source = r.source and c.external_customer_id = any(array(select json_array_elements_text(r.external_ids)))
     order by c.external_customer_id = r.external_id desc, last_activity_at desc, contact_id limit 1),
    (select contact_id from vidhuk.contact_status c where c.source = r.source and lower(c.email) = any(array(select lower(json_array_elements_text(r.emails))))
     order by lower(c.email) = lower(r.email) desc, last_activity_at desc, contact_id limit 1),
    (select contact_id from vidhuk.contact_status c
     where c.source = r.source and regexp_replace(c.phone, '\\D', '', 'g') = any(array(select json_array_elements_text(r.phones)))
     order by regexp_replace(c.phone, '\\D', '', 'g') = r.phones->>0 desc, last_activity_at desc, contact_id limit 1)) as contact_id
  from json_to_recordset($1) as r(id uuid, source text, external_id text, external_ids json, email text, emails json, phones json)`;

/** Whom requests mean that have no contactId, by their ids: who has the externalCustomerId, the e-mail address or the phone number, in this order. */
export async function findRequestContacts(
  client: ClientBase,
  requests: readonly Pick<WorkflowRequest, 'id' | 'source' | 'contactId' | 'externalCustomerId' | 'email' | 'phone'>[],
): Promise<Map<string, number>> {
  const records = requests
    .filter(
      ({ contactId, externalCustomerId, email, phone }) => contactId === null && (externalCustomerId ?? email ?? phone) !== null,
    )
    .map(({ id, source, externalCustomerId, email, phone }) => ({
      ...{ id, source },
      external_id: externalCustomerId?.trim(),
      external_ids: nameSpellings(externalCustomerId ?? ''),
      email: email?.trim(),
      emails: nameSpellings(email ?? ''),
      phones: phone === null ? [] : phoneSpellings(foldName(phone)),
    }));
  if (records.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; contact_id: string | null }>(sql, [JSON.stringify(records)]);
  return new Map(rows.flatMap(({ id, contact_id }) => (contact_id === null ? [] : [[id, Number(contact_id)] as const])));
}
