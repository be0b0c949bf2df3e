/** The platform's API as its documentation describes it, with its traps: what a follow-up may call, kept in memory. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface PlatformState {
  unsubscribed: Set<string>;
  subscriptions: Map<number, string[]>;
  groups: Map<number, Set<number>>;
  events: { eventTypeKey: string; keyValue?: string; params: { name: string; value: unknown }[] }[];
}

export interface EsputnikServer {
  baseUrl: string;
  apiKey: string;
  state: PlatformState;
  /** Of every request, refused ones too: how many contacts or addresses, or 1. */
  requests: { path: string; size: number; keyValue?: unknown }[];
  /** The next `count` requests are over the rate limit. */
  throttle(count: number, retryAfter?: string): void;
  /** The next request is refused with 400 and this text. */
  refuseNext(text: string | null): void;
  /** Until `thaw`, requests get no answer. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

interface Refusal {
  status: number;
  body: string;
  headers?: Record<string, string>;
}
type Body = Record<string, unknown>;

const maxContacts = 500;
const maxEventBytes = 20 * 1024;

export async function startEsputnikServer(apiKey = 'platform-api-key-1234567890'): Promise<EsputnikServer> {
  const state: PlatformState = {
    unsubscribed: new Set(),
    subscriptions: new Map(),
    groups: new Map([[1, new Set()]]),
    events: [],
  };
  const requests: EsputnikServer['requests'] = [];
  let throttled = { count: 0, retryAfter: '7' };
  let frozen = false;
  let refuseWith: string | null = null;

  const refuse = (authorization: string | undefined): Refusal | null => {
    const password = Buffer.from((authorization ?? '').replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':')[1];
    if (password !== apiKey) return { status: 401, body: `wrong key ${String(password)} in ${String(authorization)}` };
    if (refuseWith !== null) {
      const body = refuseWith;
      refuseWith = null;
      return { status: 400, body };
    }
    if (throttled.count === 0) return null;
    throttled.count--;
    return { status: 429, body: 'Too many requests', headers: { 'Retry-After': throttled.retryAfter } };
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const path = (request.url ?? '').replace(/^\/api/, '');
      const body = JSON.parse(text) as Body;
      requests.push({ path, size: sizeOf(body), keyValue: body.keyValue });
      if (frozen) return;
      const refusal = refuse(request.headers.authorization) ?? perform(state, `${request.method ?? ''} ${path}`, body, text);
      if (refusal === null) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      else response.writeHead(refusal.status, refusal.headers).end(refusal.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    apiKey,
    state,
    requests,
    throttle: (count, retryAfter = '7') => void (throttled = { count, retryAfter }),
    refuseNext: (text) => void (refuseWith = text),
    freeze: () => void (frozen = true),
    thaw: () => void (frozen = false),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function sizeOf(body: Body): number {
  const list = body.emails ?? body.contactIds;
  return Array.isArray(list) ? list.length : 1;
}

function perform(state: PlatformState, call: string, body: Body, text: string): Refusal | null {
  const [, groupId, change] = /^POST \/v1\/group\/(\d+)\/contacts\/(attach|detach)$/.exec(call) ?? [];
  if (groupId !== undefined) return changeGroup(state, Number(groupId), change === 'attach', body);
  const [, contactId] = /^PUT \/v1\/contact\/(\d+)\/subscriptions$/.exec(call) ?? [];
  if (contactId !== undefined) {
    state.subscriptions.set(Number(contactId), body.subscriptions as string[]);
    return null;
  }
  switch (call) {
    case 'POST /v1/emails/unsubscribed/add':
    case 'POST /v1/emails/unsubscribed/delete': {
      const emails = body.emails as string[];
      const wrong = emails.find((email) => !email.includes('@'));
      if (wrong !== undefined) return { status: 400, body: `not an e-mail address: ${wrong}` };
      for (const email of emails) {
        if (call.endsWith('add')) state.unsubscribed.add(email);
        else state.unsubscribed.delete(email);
      }
      return null;
    }
    case 'POST /v2/event':
      if (Buffer.byteLength(text) > maxEventBytes) return { status: 400, body: 'event too large' };
      state.events.push(body as unknown as PlatformState['events'][number]);
      return null;
    default:
      return { status: 404, body: `no such resource: ${call}` };
  }
}

function changeGroup(state: PlatformState, groupId: number, attach: boolean, { contactIds }: Body): Refusal | null {
  const group = state.groups.get(groupId);
  if (group === undefined) return { status: 404, body: 'no such group' };
  const ids = Array.isArray(contactIds) ? (contactIds as number[]) : [];
  if (ids.length > maxContacts) return { status: 400, body: `at most ${maxContacts} contacts` };
  if (attach) for (const id of ids) group.add(id);
  else if (ids.length === 0)
    group.clear(); // the trap
  else for (const id of ids) group.delete(id);
  return null;
}
