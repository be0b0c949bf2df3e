/** Says in words why no answer came. */

const inWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection before it had answered',
  EPIPE: 'closed the connection before it had answered',
  UND_ERR_SOCKET: 'closed the connection before it had answered',
  UND_ERR_ABORTED: 'broke off its answer',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ETIMEDOUT: 'no connection in time',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'its name cannot be looked up now',
  UND_ERR_HEADERS_OVERFLOW: 'answered with too many headers',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'answered with less than it announced',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** `error` as undici, sockets and TLS throw it: their codes are known, their messages may quote what was sent. */
export function describeFailure(error: unknown): string {
  const code = codeOf(error);
  if (code === null) return 'the call failed';
  if (code.startsWith('HPE_')) return `answered with something that is not HTTP (${code})`;
  return `${inWords[code] ?? 'the call failed'} (${code})`;
}

/** Something in the request itself that no repeat would change. */
export function isFaultOfRequest(error: unknown): boolean {
  return ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED'].includes(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
