/** One real call of an action for one activity, outside of the ledger, with all that went over the wire. */
import { messageOf, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Activity } from '../activity/activity.js';
import { inTransaction } from '../db/transaction.js';
import type { ContactSnapshot, HandlerActivity, HandlerContext } from '../handlers/handler.js';
import type { HttpClient, HttpRequest, HttpResponse } from '../handlers/http-client.js';
import type { Action } from './action.js';
import { toPlanned } from './planner.js';

export interface Trial {
  ok: boolean;
  error: string | null;
  ms: number;
  idempotencyKey: string;
  exchanges: { request: Omit<HttpRequest, 'signal'>; response: HttpResponse | null }[];
}

export async function tryAction(
  action: Action,
  activity: Activity,
  parts: { dataSource: DataSource; http: HttpClient; log: Logger },
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
  const contact = await contactOf(parts.dataSource, activity);
  const subject: HandlerActivity = { ...toPlanned(activity), followUpId: idempotencyKey, contact, previous: contact };
  const failures: Error[] = [];
  const started = performance.now();
  try {
    await inTransaction(parts.dataSource, async (client) => {
      const ctx: HandlerContext = {
        action: action.name,
        contact,
        previous: contact,
        idempotencyKey,
        attempt: 1,
        signal: AbortSignal.timeout(action.timeoutMs),
        log: parts.log,
        http,
        db: {
          query: async <Row>(sql: string, values: readonly unknown[] = []) =>
            (await client.query(sql, [...values])).rows as Row[],
        },
        fail: (_activity, error) => failures.push(error),
      };
      await action.run([subject], ctx);
      if (failures[0] !== undefined) throw failures[0];
    });
    return { ok: true, error: null, ms: Math.round(performance.now() - started), idempotencyKey, exchanges };
  } catch (error) {
    return { ok: false, error: messageOf(error), ms: Math.round(performance.now() - started), idempotencyKey, exchanges };
  }
}

async function contactOf(dataSource: DataSource, { source, contactId }: Activity): Promise<ContactSnapshot | null> {
  const rows = await dataSource.query<{ contact: ContactSnapshot }[]>(
    'select to_jsonb(c) as contact from vidhuk.contact_status c where source = $1 and contact_id = $2',
    [source, contactId],
  );
  return rows[0]?.contact ?? null;
}
