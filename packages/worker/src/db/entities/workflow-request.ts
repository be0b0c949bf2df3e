import { EntitySchema } from 'typeorm';
import { safeBigint } from './columns.js';

/** A request of the block "Webhook" of a workflow. */
export interface StoredRequest {
  id: string;
  source: string;
  hook: string;
  receivedAt: Date;
  processedAt: Date;
  method: string;
  query: Readonly<Record<string, string | string[]>>;
  contentType: string | null;
  body: Buffer;
  contactId: number | null;
  externalCustomerId: string | null;
  email: string | null;
  phone: string | null;
  workflowInstanceId: string | null;
  erased: boolean;
}

export const WorkflowRequestEntity = new EntitySchema<StoredRequest>({
  name: 'workflow_request',
  columns: {
    id: { type: 'uuid', primary: true },
    receivedAt: { name: 'received_at', type: 'timestamptz', primary: true },
    source: { type: 'text' },
    hook: { type: 'text' },
    processedAt: { name: 'processed_at', type: 'timestamptz' },
    method: { type: 'text' },
    query: { type: 'jsonb' },
    contentType: { name: 'content_type', type: 'text', nullable: true },
    body: { type: 'bytea' },
    contactId: { name: 'contact_id', nullable: true, ...safeBigint },
    externalCustomerId: { name: 'external_customer_id', type: 'text', nullable: true },
    email: { type: 'text', nullable: true },
    phone: { type: 'text', nullable: true },
    workflowInstanceId: { name: 'workflow_instance_id', type: 'text', nullable: true },
    erased: { type: 'boolean', default: false },
  },
});
