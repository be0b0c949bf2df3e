/** The HTTP client that handlers get: what it sends, what it gives back. The guarded one is made in `guarded-http.ts`. */

export interface HttpRequest {
  method: string;
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  signal: AbortSignal;
  /** Reach loopback and private addresses too. */
  allowPrivateNetwork?: boolean;
  /** Of the answer, in bytes; default 64 KB. */
  maxBodyBytes?: number;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  /** At most `maxBodyBytes`; the rest is not read. */
  body: string;
  /** There was more than was read. */
  truncated?: boolean;
}

export interface HttpClient {
  /** Follows no redirect. Rejects when no answer came: refused address, connection, timeout. */
  request(request: HttpRequest): Promise<HttpResponse>;
}
