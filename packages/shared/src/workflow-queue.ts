/** The contract between ingress and worker for requests of the workflow block: the queue's name and what a job carries. */

/** Beside the queue of batches, in the same store: a flood of one keeps the other waiting for nothing but the store. */
export const workflowQueueName = 'workflow-requests';

/** One request on its way. As a batch's, `id` is also the job's id, a UUID version 7. The options are those of batches: it is tried until it succeeds. */
export interface WorkflowJob {
  id: string;
  source: string;
  /** Name under `workflows` of the source. */
  hook: string;
  /** ISO 8601, UTC. */
  receivedAt: string;
  method: 'GET' | 'POST';
  /** As it was sent, percent-encoded, without question mark and without credentials: text that is decoded may hold `\u0000`, which jsonb refuses. */
  query: string;
  /** The header as it was sent; null: there was none. */
  contentType: string | null;
  /** The hook's `once`, as configured when the request was received: one request for each run of the workflow, whatever its body. */
  oncePerRun: boolean;
  /** Of the body, decompressed. */
  bytes: number;
  /** As a batch's: the bytes as received, brotli-compressed, base64. */
  body: string;
}
