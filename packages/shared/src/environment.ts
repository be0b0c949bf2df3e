/** The settings that come from the environment; everything else stands in the YAML file (`config.ts`). */
import { ConfigurationError } from './errors.js';
import { logLevels, type LogLevel } from './logger.js';
import { readSecret, settingOf, type Variables } from './secret-variable.js';
import { tokenProblem } from './tokens.js';
import { urlProblem } from './url-problem.js';

export interface Address {
  host: string;
  port: number;
}

export interface Environment {
  databaseUrl: string;
  /** A login that may do what support may; none: whoever asks becomes that role. */
  supportDatabaseUrl: string | undefined;
  /** Of a replica, for answers to workflows, which only read. */
  readDatabaseUrl: string;
  /** `redis://`, `rediss://` or `postgres://`. */
  queueUrl: string;
  configPath: string;
  ingress: Address;
  admin: Address & { token: string | undefined };
  logLevel: LogLevel;
  /** Makes tombstones of erased people, and knows them again; needed once somebody was erased. */
  eraseKey: string | undefined;
}

/**
 * Reads and checks the variables (of the secret ones the file, where NAME_FILE names it); throws a {@link ConfigurationError} with every problem at
 * once. `needsDatabase: false`, for the ingress: without DATABASE_URL the URL is empty, where QUEUE_URL says where the queue is.
 */
export function readEnvironment(variables: Variables, { needsDatabase = true } = {}): Environment {
  const problems: string[] = [];
  const read = (name: string): string | undefined => settingOf(variables, name);
  /** Null where a problem was told. */
  const secret = (name: string): string | undefined | null => {
    const { value, problem } = readSecret(variables, name);
    if (problem !== undefined) problems.push(problem);
    return problem === undefined ? value : null;
  };
  const readUrl = (name: string, value: string | undefined | null, schemes: string[], hint: string): string => {
    if (value === null) return '';
    if (value === undefined) problems.push(`${name} is not set: ${hint}`);
    const problem = value === undefined ? null : urlProblem(value, schemes);
    if (problem !== null) problems.push(`${name} ${problem}: ${hint}`);
    return value ?? '';
  };
  const readPort = (name: string, fallback: number): number => {
    const port = Number(read(name) ?? fallback);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      problems.push(`${name} must be a port number from 0 to 65535, not "${read(name) ?? ''}"`);
    return port;
  };

  const postgres = ['postgres:', 'postgresql:'];
  const database = secret('DATABASE_URL');
  const queueUrl = secret('QUEUE_URL');
  const databaseUrl =
    database === undefined && !needsDatabase && queueUrl !== undefined
      ? ''
      : readUrl('DATABASE_URL', database, postgres, 'for example postgres://user:password@localhost:5432/vidhuk');
  const supportDatabaseUrl = secret('SUPPORT_DATABASE_URL') ?? undefined;
  if (supportDatabaseUrl !== undefined)
    readUrl('SUPPORT_DATABASE_URL', supportDatabaseUrl, postgres, 'for example postgres://ann:password@localhost:5432/vidhuk');
  const readDatabaseUrl = secret('READ_DATABASE_URL');
  if (readDatabaseUrl !== undefined)
    readUrl('READ_DATABASE_URL', readDatabaseUrl, postgres, 'for example postgres://user:password@replica:5432/vidhuk');
  if (queueUrl !== undefined)
    readUrl('QUEUE_URL', queueUrl, ['redis:', 'rediss:', ...postgres], 'for example redis://localhost:6379');
  const logLevel = logLevels.find((level) => level === (read('LOG_LEVEL') ?? 'info'));
  if (logLevel === undefined) problems.push(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not "${read('LOG_LEVEL') ?? ''}"`);

  const adminToken = secret('ADMIN_TOKEN') ?? undefined;
  const adminProblem = adminToken === undefined ? null : tokenProblem(adminToken);
  if (adminProblem !== null) problems.push(`ADMIN_TOKEN ${adminProblem}`);

  const environment: Environment = {
    databaseUrl,
    supportDatabaseUrl,
    readDatabaseUrl: readDatabaseUrl ?? databaseUrl,
    queueUrl: queueUrl ?? databaseUrl,
    configPath: configPathOf(variables),
    ingress: { host: read('INGRESS_HOST') ?? '127.0.0.1', port: readPort('INGRESS_PORT', 8080) },
    admin: {
      host: read('ADMIN_HOST') ?? '127.0.0.1',
      port: readPort('ADMIN_PORT', 9090),
      token: adminToken,
    },
    logLevel: logLevel ?? 'info',
    eraseKey: secret('ERASE_KEY') ?? undefined,
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return environment;
}

/** Where the configuration stands, for whoever needs nothing else of the environment. */
export const configPathOf = (variables: Variables): string => settingOf(variables, 'VIDHUK_CONFIG') ?? 'vidhuk.yaml';

/** A URL fit for logs and screens: without user, password and query. */
export function describeUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
