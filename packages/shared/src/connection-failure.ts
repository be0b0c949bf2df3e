/** Why a database or a queue's store cannot be reached: one line that says what is wrong and what to do. */
import { describeUrl } from './environment.js';
import { messageOf } from './errors.js';
import { settingsNotInForce } from './postgres-session.js';

/** What an operator mends or waits for; the message never holds a password. */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure';
  /** `canHeal`: by waiting, as a server that is not up yet does, and a wrong password does not. */
  constructor(
    message: string,
    readonly canHeal: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Place {
  /** Names the setting, as `DATABASE_URL`. */
  setting: string;
  /** `localhost:5432` */
  server: string;
  user: string;
  database: string;
  /** Without password and query. */
  url: string;
}

interface Explanation {
  /** SQLSTATEs, and codes of Node. */
  codes?: readonly string[];
  /** Parts of the message, of what has no code. */
  texts?: readonly string[];
  canHeal: boolean;
  tell: (place: Place, message: string) => string;
}

const explanations: readonly Explanation[] = [
  {
    texts: ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password', 'NOAUTH'],
    canHeal: false,
    tell: ({ setting, server, url, user }) =>
      `${setting} has no password, and the server at ${server} asks for one: write ${url.replace('//', `//${user || 'USER'}:PASSWORD@`)}`,
  },
  {
    codes: ['28P01'],
    texts: ['WRONGPASS', 'ERR invalid password'],
    canHeal: false,
    tell: ({ setting, server, user }) =>
      `the server at ${server} refuses the password${user === '' ? '' : ` of the user "${user}"`}: mend it in ${setting} (in a URL @ is written %40, : %3A, / %2F, % %25)`,
  },
  {
    codes: ['28000'],
    canHeal: false,
    tell: ({ setting, server }, message) =>
      `the server at ${server} lets nobody in this way (${message}): mend user and password in ${setting}, or pg_hba.conf there`,
  },
  {
    texts: ['NOPERM'],
    canHeal: false,
    tell: ({ setting, server, user }, message) =>
      `the user "${user || 'default'}" may not do what is needed on the server at ${server} (${message}): give it these commands (deploy/redis/users.acl), or mend ${setting}`,
  },
  {
    codes: ['3D000'],
    canHeal: false,
    tell: ({ setting, server, database }) =>
      `the server at ${server} has no database "${database}": make it with "create database", or mend the name in ${setting}`,
  },
  {
    codes: ['42501'],
    canHeal: true,
    tell: ({ setting, database, user }) =>
      `the user "${user}" may not connect to the database "${database}": grant connect on it, or mend ${setting}`,
  },
  {
    codes: ['53300'],
    texts: ['ERR max number of clients'],
    canHeal: true,
    tell: ({ server }) =>
      `the server at ${server} has no free connection (too many clients): end some, or raise max_connections (Redis: maxclients) there`,
  },
  {
    codes: ['57P03'],
    texts: ['LOADING'],
    canHeal: true,
    tell: ({ server }, message) => `the server at ${server} takes no connections now (${message}): wait a moment`,
  },
  {
    codes: ['57P01', '57P02', 'ECONNRESET', 'EPIPE'],
    texts: ['Connection terminated unexpectedly'],
    canHeal: true,
    tell: ({ setting, server }) =>
      `the server at ${server} ended the connection: look at its log, and whether ${setting} names the right kind of server`,
  },
  {
    codes: ['ECONNREFUSED'],
    canHeal: true,
    tell: ({ setting, server }) => `nothing listens at ${server} (connection refused): start it, or mend ${setting}`,
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    canHeal: true,
    tell: ({ setting, server }) => `the host of ${server} is unknown: mend its name in ${setting}, or the name service`,
  },
  {
    codes: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    texts: ['timeout expired', 'timeout exceeded', 'Connection terminated due to connection timeout', 'no answer within'],
    canHeal: true,
    tell: ({ setting, server }) => `${server} does not answer: is it up, does a firewall stand between, is ${setting} right?`,
  },
  {
    texts: ['unsupported startup parameter', settingsNotInForce],
    canHeal: false,
    tell: ({ setting, server }) =>
      `at ${server} stands a connection pooler (PgBouncer or the like), and Vidhuk needs connections of its own to PostgreSQL, for time-outs, prepared statements and locks: let ${setting} name the server itself`,
  },
  {
    // unrecognized parameter, syntax error and invalid value (PostgreSQL, appendix A), of what the URL says in its "options"
    codes: ['42704', '42601', '22023'],
    canHeal: false,
    tell: ({ setting, server }, message) =>
      `the server at ${server} does not take the options of the URL (${message}): mend them in ${setting}`,
  },
  {
    texts: ['DB index is out of range', 'invalid DB index'],
    canHeal: false,
    tell: ({ setting, server, database }) => `the server at ${server} has no database ${database}: mend the number in ${setting}`,
  },
  {
    // Of a socket that is not there the message says "connect".
    texts: ['no such file or directory, open', 'permission denied, open'],
    canHeal: false,
    tell: ({ setting }, message) => `a file that ${setting} names cannot be read (${message}): mend its path or its rights`,
  },
  {
    texts: ['The server does not support SSL'],
    canHeal: false,
    tell: ({ setting, server }) => `the server at ${server} speaks no TLS: switch it on there, or take sslmode off ${setting}`,
  },
];

/** What to tell of `error`, met while connecting to `url`, which the setting of that name holds. */
export function explainConnectionFailure(error: unknown, url: string, setting: string): ConnectionFailure {
  if (error instanceof ConnectionFailure) return error;
  const place = placeOf(url, setting);
  const message = messageOf(error);
  const found = codesOf(error);
  const explanation = explanations.find(
    ({ codes = [], texts = [] }) => codes.some((code) => found.includes(code)) || texts.some((text) => message.includes(text)),
  );
  const told =
    explanation?.tell(place, message) ?? `${place.server} cannot be used (${message}): look at its log, and at ${setting}`;
  return new ConnectionFailure(oneLine(told), explanation?.canHeal ?? true, { cause: error });
}

/** For {@link retryForever}: whether to give up at once. */
export const cannotHeal = (error: unknown): boolean => error instanceof ConnectionFailure && !error.canHeal;

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, '; ');

/** Of several addresses of one name each has its own failure. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  return [...own, ...(error instanceof AggregateError ? error.errors.flatMap(codesOf) : [])];
}

function placeOf(url: string, setting: string): Place {
  const { hostname, port, protocol, username, pathname } = new URL(url);
  const usual = protocol.startsWith('redis') ? '6379' : '5432';
  const decoded = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const user = decoded(username);
  return {
    setting,
    server: `${hostname || 'localhost'}:${port || usual}`,
    user,
    database: decoded(pathname.slice(1)) || user,
    url: describeUrl(url),
  };
}
