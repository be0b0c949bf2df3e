/** The platform's `GET /api/v2/contacts/activity` with its traps, seeded: what is told here was met by real clients. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Random } from '../../../packages/simulator/src/random.js';
import { toApiRow, type ApiSpelling } from './api-row.js';
import { isTold, type TrueActivity } from './truth.js';

/** Shares are of requests or rows, from 0 to 1. */
export interface Traps extends ApiSpelling {
  seed: number;
  /** No answer comes, as during a broadcast. */
  hangs: number;
  /** ms until the connection of such a request ends; Infinity: never. */
  hangsForMs: number;
  /** 429 with Retry-After. */
  tooMany: number;
  /** 503. */
  away: number;
  /** Of a page behind the first: it leads on, it is not looked at, or pages come in another order each time. */
  offset: 'right' | 'ignored' | 'shuffled';
  /** Rows that show only after some requests: the slice grows while it is read. */
  late: number;
}

const noTraps: Traps = {
  seed: 1,
  hangs: 0,
  hangsForMs: Infinity,
  tooMany: 0,
  away: 0,
  late: 0,
  offset: 'right',
  hardBounce: 'always',
  manySpellings: false,
};

/** Requests after which everything shows. */
const lateFor = 200;

export interface ActivityApi {
  baseUrl: string;
  apiKey: string;
  /** Queries so far, and when they came, by `performance.now()`. */
  requests: { query: URLSearchParams; at: number }[];
  /** Answers to other paths, as JSON: `/api/v1/contact/5`. */
  resources: Map<string, unknown>;
  /** What has happened there meanwhile. */
  add(activities: readonly TrueActivity[]): void;
  /** The same answer to everything from now on; null: as usual. */
  answer(fixed: { status: number; body: string; headers?: Record<string, string> } | null): void;
  /** A time of which no request is ever answered. */
  silence(from: string, to: string): void;
  close(): Promise<void>;
}

export async function startActivityApi(truth: readonly TrueActivity[], given: Partial<Traps> = {}): Promise<ActivityApi> {
  const traps = { ...noTraps, ...given };
  const random = new Random(traps.seed, 0xa91);
  const apiKey = 'api-key-0123456789abcdef';
  const rows: { activity: TrueActivity; offset: string; late: boolean }[] = [];
  const add = (activities: readonly TrueActivity[]): void => {
    for (const activity of activities.filter(isTold))
      rows.push({ activity, offset: `cursor-${rows.length}`, late: random.chance(traps.late) });
  };
  add(truth);
  const requests: ActivityApi['requests'] = [];
  const resources: ActivityApi['resources'] = new Map<string, unknown>();
  let fixed: Parameters<ActivityApi['answer']>[0] = null;
  let silent: { from: string; to: string } | undefined;

  const page = (query: URLSearchParams): Record<string, unknown>[] => {
    const [from, to] = [query.get('dateFrom') ?? '', query.get('dateTo') ?? ''];
    const maxRows = Number(query.get('maxrows') ?? 25_000);
    const offset = query.get('offset');
    let found = rows.filter(
      ({ activity, late }) =>
        activity.activityDateTime >= from && activity.activityDateTime <= to && (!late || requests.length > lateFor),
    );
    if (traps.offset === 'shuffled') found = shuffled(found, random);
    if (offset !== null && traps.offset !== 'ignored') found = found.slice(found.findIndex((row) => row.offset === offset) + 1);
    return found.slice(0, maxRows).map((row) => toApiRow(row.activity, row.offset, traps, random));
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://platform');
    const query = url.searchParams;
    requests.push({ query, at: performance.now() });
    const [, key] = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':');
    if (fixed !== null) return end(response, fixed.status, fixed.body, fixed.headers);
    if (key !== apiKey) return end(response, 401, `{"error":"wrong key ${String(key)}"}`);
    if (resources.has(url.pathname)) return end(response, 200, JSON.stringify(resources.get(url.pathname)));
    if (url.pathname !== '/api/v2/contacts/activity') return end(response, 404, 'no such resource');
    if (silent !== undefined && (query.get('dateFrom') ?? '') < silent.to && (query.get('dateTo') ?? '') > silent.from) return;
    if (random.chance(traps.hangs)) {
      if (traps.hangsForMs < Infinity) setTimeout(() => response.destroy(), traps.hangsForMs).unref();
      return;
    }
    if (random.chance(traps.tooMany)) return end(response, 429, 'too many', { 'retry-after': '0' });
    if (random.chance(traps.away)) return end(response, 503, '<html>Bad gateway</html>');
    return end(response, 200, JSON.stringify(page(query)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    apiKey,
    requests,
    resources,
    add,
    answer: (given) => void (fixed = given),
    silence: (from, to) => void (silent = { from, to }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function end(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  for (let i = left.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [left[i], left[j]] = [left[j] as T, left[i] as T];
  }
  return left;
}
