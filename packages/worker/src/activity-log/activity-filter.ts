/** Which activities of the log somebody asks for, and within which bounds. */
import { normaliseMediaType, normaliseStatus } from '../activity/normalise.js';
import { normaliseInstance } from '../activity/workflow-instance.js';

/** What is left out asks for all. Texts in the sender's spelling or ours. */
export interface ActivityFilter {
  /** Time of the activity, this one included. */
  since: Date;
  /** This one not included. */
  until?: Date;
  source?: string;
  /** Any of them. */
  statuses?: readonly string[];
  /** Any of them; `unknown` where the sender names none. */
  mediaTypes?: readonly string[];
  /** messageId in digits, or messageName, whatever its case. */
  message?: string;
  /** workflowId in digits, or workflowInstanceId. */
  workflow?: string;
  /** Of the address, such as `example.com`; those below it are others. */
  domain?: string;
}

export interface Bounds {
  /** Rows at most. */
  limit: number;
  /** ms, after which PostgreSQL ends the statement (error 57014). */
  timeoutMs: number;
}

/** 16 digits hold every safe integer. */
const isId = (text = ''): boolean => /^\d{1,16}$/.test(text);

/** Whether it asks for what stands in bodies only. */
export const asksForBody = ({ message, domain }: ActivityFilter): boolean =>
  (message !== undefined && !isId(message)) || domain !== undefined;

/** The values of the conditions in `sql/asked-for.ts`, in their order: null asks for all. */
export function valuesOf(filter: ActivityFilter): unknown[] {
  const { since, until, source, statuses, mediaTypes, message, workflow, domain } = filter;
  return [
    since,
    until ?? null,
    source ?? null,
    statuses?.map(normaliseStatus) ?? null,
    mediaTypes?.map((name) => normaliseMediaType(name) ?? 'unknown') ?? null,
    isId(message) ? message : null,
    isId(message) ? null : (message?.trim() ?? null),
    isId(workflow) ? workflow : null,
    isId(workflow) || workflow === undefined ? null : (normaliseInstance(workflow) ?? workflow),
    domain?.trim().toLowerCase().replace(/^@/, '') ?? null,
  ];
}
