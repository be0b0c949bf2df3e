/** One real call of an action for one activity or request, outside of the ledger, with all that went over the wire. */
import { messageOf, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Activity } from '../activity/activity.js';
import type { WorkflowRequest } from '../workflow/workflow-request.js';
import type { ContactSnapshot, Database, HandlerContext, HandlerSubject } from '../handlers/handler.js';
import type { HttpClient, HttpRequest, HttpResponse } from '../handlers/http-client.js';
import type { Action } from './action.js';
import { CallLimit } from './call-limit.js';
import type { PlannedErasure } from './erasure.js';
import { toPlanned } from './planner.js';
import { toPlannedRequest } from './request-subject.js';
import { inLimitedTransaction } from './transactional-call.js';

export interface Trial {
  ok: boolean;
  error: string | null;
  ms: number;
  idempotencyKey: string;
  exchanges: { request: Omit<HttpRequest, 'signal'>; response: HttpResponse | null }[];
}

/** `parts.contact`: as it is to be handed over; by default the activity's or request's, as the database has it. */
export async function tryAction(
  action: Action,
  activity: Activity | WorkflowRequest | PlannedErasure,
  parts: { dataSource: DataSource; http: HttpClient; log: Logger; contact?: ContactSnapshot },
): Promise<Trial> {
  const exchanges: Trial['exchanges'] = [];
  const http: HttpClient = {
    async request(request) {
      const { signal: _signal, ...shown } = request;
      const exchange: Trial['exchanges'][number] = { request: shown, response: null };
      exchanges.push(exchange);
      exchange.response = await parts.http.request(request);
      return exchange.response;
    },
  };
  const idempotencyKey = uuidv7();
  const contact = parts.contact ?? (await contactOf(parts.dataSource, activity));
  const subject: HandlerSubject =
    'erasure' in activity
      ? { ...activity, followUpId: idempotencyKey, contact, previous: null }
      : 'hook' in activity
        ? { ...toPlannedRequest(activity), followUpId: idempotencyKey, contact, previous: null }
        : { ...toPlanned(activity), followUpId: idempotencyKey, contact, previous: contact };
  const limit = new CallLimit(action.timeoutMs, new AbortController().signal);
  const started = performance.now();
  const call = async (db: Database): Promise<void> => {
    const failures: Error[] = [];
    const ctx: HandlerContext = {
      action: action.name,
      contact,
      previous: contact,
      idempotencyKey,
      attempt: 1,
      signal: limit.signal,
      log: parts.log,
      http,
      db,
      fail: (_activity, error) => failures.push(error),
    };
    await limit.wait((async () => action.run([subject], ctx))());
    if (failures[0] !== undefined) throw failures[0];
  };
  const anyConnection: Database = {
    query: <Row>(sql: string, values: readonly unknown[] = []) => parts.dataSource.query<Row[]>(sql, [...values]),
  };
  const ended = (error: string | null): Trial => {
    return { ok: error === null, error, ms: Math.round(performance.now() - started), idempotencyKey, exchanges };
  };
  try {
    await (action.handler.transaction ? inLimitedTransaction(parts.dataSource, action.timeoutMs, call) : call(anyConnection));
    return ended(null);
  } catch (error) {
    return ended(messageOf(error));
  }
}

async function contactOf(
  dataSource: DataSource,
  { source, contactId }: Pick<Activity, 'source' | 'contactId'>,
): Promise<ContactSnapshot | null> {
  const rows = await dataSource.query<{ contact: ContactSnapshot }[]>(
    'select to_jsonb(c) as contact from vidhuk.contact_status c where source = $1 and contact_id = $2',
    [source, contactId],
  );
  return rows[0]?.contact ?? null;
}
