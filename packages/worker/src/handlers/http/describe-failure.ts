/** Says in words why no answer came. */

const inWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection before it had answered',
  EPIPE: 'closed the connection before it had answered',
  BROKEN_OFF: 'broke off its answer',
  CONNECT_TIMEOUT: 'no connection in time',
  ETIMEDOUT: 'no connection in time',
  ENOTFOUND: 'there is no such name',
  PROXY_REFUSED: 'the proxy (worker.proxy) did not let the call through',
  EAI_AGAIN: 'its name cannot be looked up now',
  HPE_HEADER_OVERFLOW: 'answered with too many headers',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** Codes of our own, for what the client itself finds. */
export const brokenOff = (cause: unknown): Error =>
  Object.assign(new Error('the answer ended early', { cause }), { code: 'BROKEN_OFF' });
export const connectTimeout = (): Error => Object.assign(new Error('no connection in time'), { code: 'CONNECT_TIMEOUT' });

/** `error` as sockets, TLS and Node's parser throw it: their codes are known, their messages may quote what was sent. */
export function describeFailure(error: unknown): string {
  const code = codeOf(error);
  if (code === null) return 'the call failed';
  const words = inWords[code];
  if (words === undefined && code.startsWith('HPE_'))
    return `answered with something that is not HTTP (${code}${reasonOf(error)})`;
  return `${words ?? 'the call failed'} (${code})`;
}

/** Something in the request itself that no repeat would change. */
export function isFaultOfRequest(error: unknown): boolean {
  return ['ERR_INVALID_CHAR', 'ERR_INVALID_HTTP_TOKEN', 'ERR_HTTP_INVALID_HEADER_VALUE', 'ERR_UNESCAPED_CHARACTERS'].includes(
    codeOf(error) ?? '',
  );
}

/** The parser's own words of what it did not like; they quote nothing. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && 'reason' in error && typeof error.reason === 'string' ? `: ${error.reason}` : '';

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
