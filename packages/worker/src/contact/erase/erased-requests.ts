/** Requests of workflows: the person's stay as rows that say nothing of whom. Nobody knows what a body means, so one that names the person goes whole. */
import { anonymiseRequest, isAboutRequest } from '../../workflow/erased-people.js';
import { readContent } from '../../workflow/read-content.js';
import type { WorkflowRequest } from '../../workflow/workflow-request.js';
import { inTransaction } from '../../db/transaction.js';
import { hintsOf, peopleOf } from './person.js';
import type { Place } from './place.js';

type Row = Omit<WorkflowRequest, 'contactId' | 'content' | 'key'> & { contactId: string | null };

/** Those that may be the person's. */
const candidates = `
  select id from vidhuk.workflow_request
  where source = $1 and id > $2 and not erased
    and (contact_id = any($3::bigint[]) or contact_id is null and (
      concat_ws(' ', email, phone, external_customer_id, query::text) ilike any($4::text[])
      or exists (select from unnest($5::bytea[]) as hint where position(hint in body) > 0))
      or lower(email) = any($6::text[]) or lower(phone) = any($6::text[]) or lower(external_customer_id) = any($6::text[]))
  order by id limit 1000`;

const one = `
  select id, source, hook, received_at as "receivedAt", method, query, content_type as "contentType", body, contact_id as "contactId",
    external_customer_id as "externalCustomerId", email, phone, workflow_instance_id as "workflowInstanceId"
  from vidhuk.workflow_request where id = $1 for update`;

const blank = `
  update vidhuk.workflow_request set erased = true, query = $2, content_type = $3, body = $4, contact_id = $5, external_customer_id = $6, email = $7,
    phone = $8, workflow_instance_id = $9
  where id = $1`;

const escaped = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

export const erasedRequests: Place = {
  name: 'workflow_request',
  async erase({ dataSource }, person, trial) {
    const people = peopleOf(person);
    const hints = hintsOf(person);
    const patterns = hints.map((hint) => `%${escaped(hint)}%`);
    const bytes = hints.map((hint) => Buffer.from(hint));
    const addresses = person.addresses.map((address) => address.toLowerCase());
    let erased = 0;
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const values = [person.source, after, person.contactIds, patterns, bytes, addresses];
      const found = await dataSource.query<{ id: string }[]>(candidates, values);
      for (const { id } of found)
        erased += await inTransaction(dataSource, async (client) => {
          const [row] = (await client.query<Row>(one, [id])).rows;
          if (row === undefined) return 0;
          const { contactId, ...rest } = row;
          const content = readContent(row.body, row.contentType);
          const request = { ...rest, key: id, content, contactId: contactId === null ? null : Number(contactId) };
          if (!isAboutRequest(people, request)) return 0;
          const left = anonymiseRequest(request);
          const { query, contentType, body, externalCustomerId, email, phone, workflowInstanceId } = left;
          const texts = [left.contactId, externalCustomerId, email, phone, workflowInstanceId];
          if (!trial) await client.query(blank, [id, JSON.stringify(query), contentType, body, ...texts]);
          return 1;
        });
      const last = found.at(-1);
      if (last === undefined) return erased;
      after = last.id;
    }
  },
};
