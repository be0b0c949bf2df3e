/** What a handler is called with, as the deliverer would make it. */
import type {
  Database,
  Handler,
  HandlerActivity,
  HandlerSubject,
  HandlerContext,
  HandlerUse,
  Run,
} from '../../packages/worker/src/handlers/handler.js';
import { silentLog } from './log-lines.js';

export function handlerActivity(given: Partial<HandlerActivity> = {}): HandlerActivity {
  return {
    followUpId: '018f4a00-0000-7000-8000-000000000001',
    key: '7d444840-9dc0-51d1-b245-5ffdce74fad2',
    source: 'main',
    status: 'UNSUBSCRIBED',
    mediaType: 'email',
    occurredAt: '2026-03-01T08:30:50.000Z',
    contactId: 42,
    externalCustomerId: 'crm-42',
    address: 'ann@example.com',
    email: 'ann@example.com',
    phone: null,
    hardBounce: false,
    statusDescription: null,
    subscriptions: null,
    iid: 'iid-1',
    messageId: 7,
    messageInstanceId: 8,
    messageName: 'Spring',
    messageTags: ['spring', 'sale'],
    broadcastId: 9,
    workflowId: null,
    workflowInstanceId: null,
    clickEventLink: null,
    contact: { source: 'main', contact_id: 42, email: 'ann@example.com', unsubscribed: true },
    previous: { source: 'main', contact_id: 42, email: 'ann@example.com', unsubscribed: false },
    ...given,
  };
}

/** `count` activities of as many contacts. */
export function handlerActivities(count: number): HandlerActivity[] {
  return Array.from({ length: count }, (_, index) => {
    const email = `contact${index + 1}@example.com`;
    return handlerActivity({
      contactId: index + 1,
      email,
      address: email,
      key: `key-${index + 1}`,
      followUpId: `id-${index + 1}`,
    });
  });
}

export interface CallContext extends HandlerContext {
  /** What the handler reported of single activities. */
  failures: Map<HandlerSubject, Error>;
}

export function callContext(given: Partial<HandlerContext> = {}): CallContext {
  const failures = new Map<HandlerSubject, Error>();
  return {
    action: 'tell-crm',
    contact: null,
    previous: null,
    idempotencyKey: '018f4a00-0000-7000-8000-000000000001',
    attempt: 1,
    signal: AbortSignal.timeout(10_000),
    log: silentLog(),
    http: { request: () => Promise.reject(new Error('this test expects no HTTP')) },
    db: noDatabase,
    fail: (activity, error) => void failures.set(activity, error),
    failures,
    ...given,
  };
}

const noDatabase: Database = { query: () => Promise.reject(new Error('this test expects no query')) };

/** Fails with the problems when the parameters are not accepted. */
export function bound(handler: Handler, params: object, use?: HandlerUse): Run {
  const result = handler.bind(params, use);
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result.run;
}

/** What is wrong with the parameters; empty when nothing is. */
export function problemsOf(handler: Handler, params: object, use?: HandlerUse): string[] {
  const result = handler.bind(params, use);
  return 'problems' in result ? result.problems : [];
}
