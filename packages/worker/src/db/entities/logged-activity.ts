import { EntitySchema } from 'typeorm';
import { safeBigint } from './columns.js';

/** A row of the log, table `activity`. */
export interface LoggedActivity {
  occurredAt: Date;
  activityKey: string;
  batchId: string;
  contactId: number | null;
  messageId: number | null;
  messageInstanceId: number | null;
  broadcastId: number | null;
  workflowId: number | null;
  position: number;
  identityVersion: number;
  hardBounce: boolean;
  source: string;
  status: string;
  mediaType: string | null;
  iid: string | null;
  workflowInstanceId: string | null;
  statusDescription: string | null;
  clickEventLink: string | null;
  subscriptions: string[] | null;
}

export const LoggedActivityEntity = new EntitySchema<LoggedActivity>({
  name: 'activity',
  columns: {
    occurredAt: { name: 'occurred_at', type: 'timestamptz', primary: true },
    activityKey: { name: 'activity_key', type: 'uuid', primary: true },
    batchId: { name: 'batch_id', type: 'uuid' },
    contactId: { name: 'contact_id', nullable: true, ...safeBigint },
    messageId: { name: 'message_id', nullable: true, ...safeBigint },
    messageInstanceId: { name: 'message_instance_id', nullable: true, ...safeBigint },
    broadcastId: { name: 'broadcast_id', nullable: true, ...safeBigint },
    workflowId: { name: 'workflow_id', nullable: true, ...safeBigint },
    position: { type: 'integer' },
    identityVersion: { name: 'identity_version', type: 'smallint' },
    hardBounce: { name: 'hard_bounce', type: 'boolean' },
    source: { type: 'text' },
    status: { type: 'text' },
    mediaType: { name: 'media_type', type: 'text', nullable: true },
    iid: { type: 'text', nullable: true },
    workflowInstanceId: { name: 'workflow_instance_id', type: 'text', nullable: true },
    statusDescription: { name: 'status_description', type: 'text', nullable: true },
    clickEventLink: { name: 'click_event_link', type: 'text', nullable: true },
    subscriptions: { type: 'text', array: true, nullable: true },
  },
});
