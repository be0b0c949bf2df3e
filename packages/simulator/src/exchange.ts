/** One HTTP exchange as the vendor's sender would have it: no redirects followed, one deadline over everything. */
import { Client, errors } from 'undici';

/** What came back: a status, or the reason why nothing did (`timeout`, `stopped` by the signal, `ECONNREFUSED`, `UND_ERR_SOCKET`, …). */
export type Answer = { status: number } | { error: string };

/** A keep-alive connection to one receiver. */
export interface Exchange {
  /** Never rejects: a failure is an answer too. */
  request(method: 'GET' | 'POST', body: string | null, signal?: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** What `openExchange` takes besides the URL. */
export interface ExchangeOptions {
  /** Until the answer has been read in full. The vendor's timeout is unknown. */
  timeoutMs: number;
  /** Added to every request, for receivers that want a header instead of a token in the path. */
  headers?: Readonly<Record<string, string>>;
}

/** Opens the connection lazily. A user name and password in the URL become HTTP Basic. Throws TypeError when the URL is none. */
export function openExchange(url: string, { timeoutMs, headers = {} }: ExchangeOptions): Exchange {
  const { origin, pathname, search, username, password, protocol } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(`the URL must begin with http:// or https://, not ${protocol}`);
  const client = new Client(origin, { connect: { timeout: timeoutMs }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const allHeaders = {
    ...(credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    ...headers,
  };
  return {
    async request(method, body, signal) {
      const deadline = AbortSignal.timeout(timeoutMs);
      try {
        const response = await client.request({
          method,
          path: pathname + search,
          headers: body === null ? allHeaders : { ...allHeaders, 'content-type': 'application/json' },
          body,
          signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        });
        // Read to the end, unlike dump(), which takes an answer that was cut off for whole.
        await response.body.text();
        return { status: response.statusCode };
      } catch (error) {
        if (signal?.aborted) return { error: 'stopped' };
        return { error: deadline.aborted ? 'timeout' : reasonOf(error) };
      }
    },
    close: () => client.destroy(),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) return 'timeout';
  if (error instanceof errors.ConnectTimeoutError) return 'timeout';
  if (!(error instanceof Error)) return String(error);
  // A host with several addresses fails with an AggregateError, whose code is that of the first.
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
