/** The YAML configuration: read, filled from the environment, validated; one error lists every problem. */
import { readFile } from 'node:fs/promises';
import { Ajv, type ErrorObject } from 'ajv';
import { closest, distance } from 'fastest-levenshtein';
import { durationDescription, durationPattern } from './duration.js';
import { ConfigurationError, messageOf } from './errors.js';
import { usualLockMs } from './queue.js';
import { readSecret, type Variables } from './secret-variable.js';
import { sourceRoadsProblems, sourceRoadsSchema, type SourceRoads } from './source-roads.js';
import { tokenProblem } from './tokens.js';
import { urlProblem } from './url-problem.js';
import { everything, mapTexts, parseText, showReferences, type IsRead } from './variable-references.js';

export interface SourceConfiguration extends SourceRoads {
  /** More than one during rotation. */
  tokens: string[];
  /** IANA name; of `activityDateTime`, which carries no offset. */
  timeZone: string;
  /** What a later choice of at least one subscription ends. */
  optIn: { endsUnsubscribed: boolean; endsComplaint: boolean };
  /** An activity that lies after the receipt of its batch by more than this is quarantined; see `toMs`. */
  maxAhead: number | string;
  /** By the name that stands in the URL: what the block "Webhook" of workflows may send. */
  workflows: Record<string, WorkflowHook>;
}

export interface WorkflowHook {
  /** `contact`: the answer says what is known of the contact; otherwise it says that the request is stored. */
  answer?: 'contact';
  /** `workflowInstanceId`: one request for each run of the workflow counts, the first. */
  once: 'workflowInstanceId'[];
}

export interface Configuration {
  sources: Record<string, SourceConfiguration>;
  /** Follow-up actions, as written: the worker checks them (`follow-up/action-schema.ts`). */
  actions: unknown[];
  /** Files with further handlers, relative to the configuration file. */
  handlers: string[];
  /** How long things are kept; `forever`, or see `toMs`. */
  retention: {
    /** What came in, as received; without a body nothing can be made again from it. */
    bodies: number | string;
    /** Activities, by whole months, from when they happened; what they have left in the statuses stays. */
    log: number | string;
    /** Follow-ups that came to an end, from when they were planned. */
    followUps: number | string;
    /** Broken elements that were resolved, from then on; what waits stays. */
    quarantine: number | string;
    /** Requests of workflows. */
    requests: number | string;
  };
  queue: {
    /** Start although the queue's store may lose acknowledged batches in a crash. */
    allowVolatile: boolean;
    /** The work of a process that has died is given to another after one to one and a half times this. It is renewed at half of it. */
    lockMs: number;
    /** Of what the store may hold (Redis: maxmemory): above it batches get 503, so that workers have room to do their work. */
    fullAtPercent: number;
    /** How long finished batches stay in the queue, for `vidhuk replay` after a failover of the database. `off`: not at all. */
    keepFinished: number | string;
  };
  ingress: {
    /** Of one body, after decompression. */
    maxBodyBytes: number;
    /** Of all bodies being received at once; a request over it waits `maxWaitMs`, then gets 503. */
    maxBytesInFlight: number;
    maxWaitMs: number;
    /** A body of which no byte comes for so long is given up; all of it may take as long as it takes. */
    idleTimeoutMs: number;
    /** How long a connection is kept between two requests: longer than a proxy in front keeps it, or that may send one into a connection that closes. */
    keepAliveTimeoutMs: number;
    /** How long the queue's store may take to store one batch before the sender gets 503. */
    enqueueTimeoutMs: number;
    /** Proxies that are believed in X-Forwarded-For: addresses, networks as CIDR, or loopback, linklocal, uniquelocal (private networks). */
    trustedProxies: string[];
    /** How long a stopping ingress goes on answering, so that whoever routes to it notices. */
    drainMs: number;
  };
  worker: {
    /** Batches in hand at once, per process; fewer when they are large, see `hand-size.ts` in the worker. */
    concurrency: number;
    /** Of the pool, per process; follow-up actions use it too. */
    databaseConnections: number;
    /** Transactions under way at once, per process. */
    maxTransactions: number;
    /** Waiting batches are written in one transaction up to this many activities together. */
    maxActivitiesPerTransaction: number;
    /** Of all bodies that are parsed at once, per process; a batch over it waits its turn, one larger than all of it goes alone. */
    maxBytesInFlight: number;
    /** Batches wait and none is finished for so long: not ready, and after twice that the process exits for a restart. */
    stuckAfterMs: number;
    /** Prefixes of 96 bits, as CIDR, by which this network reaches IPv4 addresses over IPv6 (RFC 6052): follow-ups may call what is public behind them. */
    nat64: string[];
    /** By which follow-ups, and questions to the platform, reach https: URLs outside; null: they connect themselves. */
    proxy: string | null;
  };
}

const mebibyte = 1024 * 1024;
const count = (fallback: number, minimum: number) => ({ type: 'integer', minimum, default: fallback });
/** Of a day at most: a timer takes no more than 2^31 ms, and goes off at once when it is given more. */
const time = (fallbackMs: number, minimumMs: number) => ({ ...count(fallbackMs, minimumMs), maximum: 86_400_000 });

const keep = (fallback: string) => ({
  type: ['integer', 'string'],
  minimum: 3_600_000,
  pattern: `^forever$|${durationPattern}`,
  default: fallback,
  description: '"forever", or a duration such as 90d, of an hour at least',
});

/** They stand in URLs. */
const namePattern = { pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' };

/** What may stand in the file, as JSON Schema. */
export const configurationSchema = {
  type: 'object',
  required: ['sources'],
  additionalProperties: false,
  // For anchors that other parts refer to, as in Compose files.
  patternProperties: { '^x-': {} },
  properties: {
    sources: {
      type: 'object',
      minProperties: 1,
      propertyNames: namePattern,
      additionalProperties: {
        type: 'object',
        required: ['tokens'],
        additionalProperties: false,
        properties: {
          tokens: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
          timeZone: { type: 'string', format: 'time-zone', default: 'UTC' },
          optIn: {
            type: 'object',
            additionalProperties: false,
            default: {},
            properties: {
              endsUnsubscribed: { type: 'boolean', default: true },
              endsComplaint: { type: 'boolean', default: false },
            },
          },
          maxAhead: {
            type: ['integer', 'string'],
            minimum: 1,
            pattern: durationPattern,
            default: '1d',
            description: durationDescription,
          },
          workflows: {
            type: 'object',
            default: {},
            propertyNames: namePattern,
            additionalProperties: {
              type: 'object',
              additionalProperties: false,
              properties: {
                answer: { type: 'string', enum: ['contact'], description: 'contact: what is known of the contact' },
                once: {
                  type: 'array',
                  items: { type: 'string', enum: ['workflowInstanceId'], description: 'workflowInstanceId' },
                  default: [],
                },
              },
            },
          },
          ...sourceRoadsSchema,
        },
      },
    },
    actions: { type: 'array', default: [] },
    handlers: { type: 'array', items: { type: 'string', minLength: 1 }, default: [] },
    retention: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        bodies: keep('forever'),
        log: keep('forever'),
        followUps: keep('90d'),
        quarantine: keep('365d'),
        requests: keep('90d'),
      },
    },
    queue: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        allowVolatile: { type: 'boolean', default: false },
        lockMs: count(usualLockMs, 1_000),
        fullAtPercent: { ...count(90, 1), maximum: 99 },
        keepFinished: {
          type: ['integer', 'string'],
          minimum: 1_000,
          pattern: `^off$|${durationPattern}`,
          default: '1h',
          description: '"off", or a duration such as 1h, of a second at least',
        },
      },
    },
    ingress: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        maxBodyBytes: count(64 * mebibyte, 1024),
        maxBytesInFlight: count(256 * mebibyte, 1024),
        maxWaitMs: time(2_000, 0),
        idleTimeoutMs: time(30_000, 100),
        keepAliveTimeoutMs: time(65_000, 1_000),
        enqueueTimeoutMs: time(10_000, 100),
        trustedProxies: {
          type: 'array',
          items: {
            type: 'string',
            pattern:
              '^(loopback|linklocal|uniquelocal|\\d{1,3}(\\.\\d{1,3}){3}(/\\d{1,2})?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*(/\\d{1,3})?)$',
            description: 'an address, a network such as 10.0.0.0/8, or one of loopback, linklocal, uniquelocal',
          },
          default: ['loopback', 'uniquelocal'],
        },
        drainMs: time(1_000, 0),
      },
    },
    worker: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        concurrency: count(128, 1),
        databaseConnections: count(12, 4),
        maxTransactions: count(2, 1),
        maxActivitiesPerTransaction: count(2_000, 1),
        maxBytesInFlight: count(2 * mebibyte, 1024),
        stuckAfterMs: time(60_000, 1_000),
        nat64: {
          type: 'array',
          items: { type: 'string', pattern: '^[0-9a-fA-F:]+/96$', description: 'a prefix of 96 bits such as 64:ff9b::/96' },
          default: ['64:ff9b::/96'],
        },
        proxy: {
          type: ['string', 'null'],
          pattern: '^https?://([^/?#@]*@)?[^/?#@]+/?$',
          default: null,
          description: 'the URL of a proxy, such as http://proxy.example.com:3128, or null',
        },
      },
    },
  },
};

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** The ingress calls nobody: secrets of actions, and of what else the worker reaches, need not be where it runs. */
export const isReadByIngress: IsRead = (path) =>
  /^(sources|queue|ingress)(\.|$)/.test(path) && !/^sources\.[^.]+\.(platform|export)(\.|$)/.test(path);

/** Reads the file at `path`; throws a {@link ConfigurationError} with every problem at once. */
export async function loadConfiguration(path: string, variables: Variables): Promise<Configuration> {
  return parseConfiguration(await readConfigurationFile(path), path, variables);
}

export async function readConfigurationFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError([`${path} cannot be read (${messageOf(error)}): set VIDHUK_CONFIG to your configuration file`]);
  }
}

/** As {@link loadConfiguration}, from the file's text; `path` is for messages. */
export function parseConfiguration(text: string, path: string, variables: Variables, isRead = everything): Configuration {
  const { config, problems } = inspectConfiguration(text, path, variables, isRead);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return config;
}

/** The configuration with its problems, so that whoever knows more of it can add further ones; with problems, `config` may be anything. */
export function inspectConfiguration(
  text: string,
  path: string,
  variables: Variables,
  isRead = everything,
): { config: Configuration; problems: string[] } {
  const document = parseText(text);
  if (document.errors.length > 0)
    throw new ConfigurationError(document.errors.map((error) => `${path}: ${showReferences(error.message)}`));
  const problems: string[] = [];
  const value = mapTexts(document.toJS() ?? {}, '', (reference, at) => {
    if (!isRead(at)) return reference.text;
    const { value: content, problem } = readSecret(variables, reference.name);
    if (content !== undefined) return content;
    problems.push(`${at}: ${problem ?? `the environment variable ${reference.name} is not set`}`);
    return `unset ${reference.name}`;
  });
  // `verbose` tells which settings are known where an unknown one stands.
  const ajv = new Ajv({
    allErrors: true,
    useDefaults: true,
    strict: true,
    allowUnionTypes: true,
    verbose: true,
    formats: { 'time-zone': isTimeZone },
  });
  const validate = ajv.compile<Configuration>(configurationSchema);
  const errors = validate(value) ? [] : (validate.errors ?? []);
  // What is not read here still has its reference, which nobody can judge.
  const isUnread = ({ data, instancePath }: ErrorObject) =>
    typeof data === 'string' && /\$\{[^}]*\}/.test(data) && !isRead(instancePath.slice(1).replaceAll('/', '.'));
  const told = errors.filter((error) => error.propertyName === undefined && !isUnread(error));
  problems.push(...told.map(describeProblem));
  const config = value as Configuration;
  if (problems.length === 0)
    problems.push(...cleanTokens(config), ...sourceRoadsProblems(config.sources), ...proxyProblems(config.worker));
  return { config, problems: problems.map((problem) => `${path}: ${problem}`) };
}

/** What the pattern lets through. Of a reference that is not read here nothing is known. */
function proxyProblems({ proxy }: Configuration['worker']): string[] {
  const problem = proxy === null || proxy.includes('${') ? null : urlProblem(proxy, ['http:', 'https:']);
  return problem === null ? [] : [`worker.proxy: ${problem}`];
}

/** Tokens as they are compared, and what is wrong with them. */
function cleanTokens({ sources }: Configuration): string[] {
  return Object.entries(sources).flatMap(([name, source]) => {
    source.tokens = source.tokens.map((token) => token.trim());
    return source.tokens.flatMap((token, index) => {
      const problem = tokenProblem(token);
      return problem === null ? [] : [`sources.${name}.tokens[${index}]: ${problem}`];
    });
  });
}

function describeProblem(error: ErrorObject): string {
  const at =
    error.instancePath
      .slice(1)
      .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
      .replaceAll('/', '.') || 'the top level';
  if (error.keyword === 'additionalProperties') {
    const unknown = String(error.params.additionalProperty);
    const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
    const near = known.length > 0 ? closest(unknown, known) : undefined;
    const hint =
      near !== undefined && distance(unknown, near) <= 3 ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`;
    return `${at}: unknown setting "${unknown}": ${hint}`;
  }
  if (error.keyword === 'format')
    return `${at}: is not a time zone that this machine knows: use an IANA name such as Europe/Kyiv`;
  if (error.keyword === 'propertyNames')
    return `${at}: "${String(error.params.propertyName)}" cannot be a name: use lower-case letters, digits, - and _, at most 63`;
  const { description } = (error.parentSchema ?? {}) as { description?: string };
  if (description !== undefined) return `${at}: must be ${description}`;
  return `${at}: ${error.message ?? 'is not valid'}`;
}
