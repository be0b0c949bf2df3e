import { EntitySchema } from 'typeorm';

/** What tells one request of a workflow from all others. */
export interface WorkflowRequestKey {
  key: string;
  requestId: string;
  receivedAt: Date;
}

export const WorkflowRequestKeyEntity = new EntitySchema<WorkflowRequestKey>({
  name: 'workflow_request_key',
  columns: {
    key: { type: 'uuid', primary: true },
    requestId: { name: 'request_id', type: 'uuid' },
    receivedAt: { name: 'received_at', type: 'timestamptz' },
  },
});
