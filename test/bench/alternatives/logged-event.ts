/** The row of the log for TypeORM; the statuses' entities are Vidhuk's own, whose columns they share. */
import { EntitySchema } from 'typeorm';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { safeBigint } from '../../../packages/worker/src/db/entities/columns.js';

type Kept =
  | 'contactId'
  | 'messageId'
  | 'messageInstanceId'
  | 'broadcastId'
  | 'workflowId'
  | 'hardBounce'
  | 'source'
  | 'status'
  | 'mediaType'
  | 'iid'
  | 'statusDescription'
  | 'clickEventLink';

export interface LoggedEvent extends Pick<Activity, Kept> {
  activityKey: string;
  occurredAt: Date;
  raw: object;
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- TypeORM's idiom, where its types name a class
export const LoggedEventEntity = new EntitySchema<LoggedEvent>({
  name: 'activity',
  columns: {
    activityKey: { name: 'activity_key', type: 'uuid', primary: true },
    occurredAt: { name: 'occurred_at', type: 'timestamptz' },
    contactId: { name: 'contact_id', nullable: true, ...safeBigint },
    messageId: { name: 'message_id', nullable: true, ...safeBigint },
    messageInstanceId: { name: 'message_instance_id', nullable: true, ...safeBigint },
    broadcastId: { name: 'broadcast_id', nullable: true, ...safeBigint },
    workflowId: { name: 'workflow_id', nullable: true, ...safeBigint },
    hardBounce: { name: 'hard_bounce', type: 'boolean' },
    source: { type: 'text' },
    status: { type: 'text' },
    mediaType: { name: 'media_type', type: 'text' },
    iid: { type: 'text', nullable: true },
    statusDescription: { name: 'status_description', type: 'text', nullable: true },
    clickEventLink: { name: 'click_event_link', type: 'text', nullable: true },
    raw: { type: 'jsonb' },
  },
});
