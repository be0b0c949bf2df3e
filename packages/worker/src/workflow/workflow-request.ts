/** One request of the block "Webhook" of a workflow, as Vidhuk keeps it: whatever it is, with as much of it as could be read. */

/** Whom it names, and which run of the workflow it belongs to; null: could not be read. */
export interface RequestFields {
  /** A safe integer above 0. */
  contactId: number | null;
  externalCustomerId: string | null;
  email: string | null;
  phone: string | null;
  workflowInstanceId: string | null;
}

export interface WorkflowRequest extends RequestFields {
  /** UUID version 7. */
  id: string;
  /** UUID of its identity, see `request-key.ts`. */
  key: string;
  source: string;
  hook: string;
  receivedAt: Date;
  method: 'GET' | 'POST';
  /** By name; a name that came several times has a list. */
  query: Readonly<Record<string, string | string[]>>;
  contentType: string | null;
  /** As received. */
  body: Buffer;
  /** What the body says, for conditions and handlers: the value of a JSON body, the fields of a form, any other text; null where it is none, or too large. */
  content: unknown;
  /** Whoever it was of was erased: nothing of what it said is left. */
  erased?: boolean;
}
