/** Where a request of the workflow block enters: it is stored durably, and only then answered, where its hook asks for it with what we know of the contact. */
import type { IncomingMessage } from 'node:http';
import { messageOf, withDeadline, type JobQueue, type WorkflowHook, type WorkflowJob } from '@vidhuk/shared';
import { v7 as uuidv7 } from 'uuid';
import type { ContactReader } from './contact-reader.js';
import type { ContactAnswer } from './contact-answer.js';
import type { IngressMetrics } from './metrics.js';
import { nameOfContact } from './name-of-contact.js';
import { createBodyReceiver, type BodyParts, type ReceivedBody } from './receive-body.js';
import { createJobStore, type JobStoreParts } from './store-job.js';

export interface WorkflowReceiverParts extends Omit<BodyParts, 'what' | 'limits' | 'room'> {
  room: BodyParts['room'] & JobStoreParts['room'];
  queue: Pick<JobQueue<WorkflowJob>, 'add'>;
  limits: BodyParts['limits'] & JobStoreParts['limits'];
  contacts: ContactReader;
  metrics: IngressMetrics;
}

/** The hook that a request is for, and what the request says beside its body. */
interface WorkflowCall {
  source: string;
  name: string;
  hook: WorkflowHook;
  method: 'GET' | 'POST';
  /** Without question mark and credentials. */
  query: string;
}

/** Answers are JSON: the block keeps one, and later blocks of its workflow can read it. */
export interface WorkflowAnswer {
  status: 200 | 400 | 408 | 413 | 503;
  body: ({ ok: true; id: string } | ({ ok: true } & ContactAnswer)) | { ok: false; error: string };
}

export type ReceiveWorkflow = (request: IncomingMessage, call: WorkflowCall) => Promise<WorkflowAnswer>;

/** ms, from the moment when the request was read: a workflow waits for the answer. */
const answerWithinMs = 2_000;
const unknown = 'nobody could say in time what is known of the contact; the request is stored';

/** The function that takes one authenticated request to its answer; it never rejects. */
export function createWorkflowReceiver({ queue, contacts, metrics, ...parts }: WorkflowReceiverParts): ReceiveWorkflow {
  const { log } = parts;
  const storeJob = createJobStore(parts);
  const bodies = createBodyReceiver({ ...parts, what: 'workflow request' });
  return async (request, call) => {
    const { source, name: hook } = call;
    const received = await bodies.receive(request, { source, hook }, async ({ body, packed }) => {
      const asksForContact = call.hook.answer === 'contact';
      const contentType = request.headers['content-type'] ?? null;
      // Side by side: the workflow waits for both. What is stored is stored, whatever becomes of the answer.
      const [id, contact] = await Promise.all([
        store(call, contentType, { body, packed }),
        asksForContact ? ask(call, body) : Promise.resolve(null),
      ]);
      metrics.storedWorkflow(source, hook);
      log.info({ requestId: id, source, hook, bytes: body.length }, 'workflow request stored');
      return { id, contact, asksForContact };
    });
    if ('refusal' in received) return { status: received.refusal.status, body: { ok: false, error: received.refusal.message } };
    const { id, contact, asksForContact } = received.stored;
    if (!asksForContact) return { status: 200, body: { ok: true, id } };
    return contact === null
      ? { status: 503, body: { ok: false, error: unknown } }
      : { status: 200, body: { ok: true, ...contact } };
  };

  /** null: no answer in time. */
  async function ask({ source, name: hook, query }: WorkflowCall, body: Buffer): Promise<ContactAnswer | null> {
    try {
      const name = nameOfContact(query, body);
      if (name === null) return { known: false };
      return await withDeadline('asking for the contact', answerWithinMs, contacts.read(source, name));
    } catch (error) {
      log.warn({ source, hook, err: messageOf(error) }, 'a workflow asked for a contact, answered 503');
      return null;
    }
  }

  /** Gives the request's id. After a timeout it may have been stored all the same. */
  async function store(call: WorkflowCall, contentType: string | null, { body, packed }: ReceivedBody): Promise<string> {
    const id = uuidv7();
    const job: WorkflowJob = {
      id,
      source: call.source,
      hook: call.name,
      receivedAt: new Date().toISOString(),
      method: call.method,
      query: call.query,
      contentType,
      oncePerRun: call.hook.once.length > 0,
      bytes: body.length,
      body: packed,
    };
    await storeJob(queue, 'request', job);
    return id;
  }
}
