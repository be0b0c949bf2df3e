/** Which requests are the same. The retries of the block are undocumented, so they are told by what they say. */
import { createHash } from 'node:crypto';

export interface RequestIdentity {
  /** The identity of a request that belongs to no run: each counts. */
  id: string;
  source: string;
  hook: string;
  workflowInstanceId: string | null;
  /** One request of a run counts, whatever it says. */
  oncePerRun: boolean;
  method: string;
  /** As it was sent, without credentials: what a GET says stands here. */
  query: string;
  body: Buffer;
}

/**
 * With a run: source, hook, run, method, and the bytes of query and body; with `oncePerRun` source, hook and run. A UUID (version 8: 122 bits of a SHA-256, RFC 9562).
 */
export function requestKey(request: RequestIdentity): string {
  const { id, source, hook, workflowInstanceId: run, oncePerRun, method, query, body } = request;
  if (run === null) return id;
  const digest = createHash('sha256').update(JSON.stringify([source, hook, run, ...(oncePerRun ? [] : [method, query])]));
  const hex = (oncePerRun ? digest : digest.update('\0').update(body)).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
