/** The settings of a source's other roads to the same activities: the platform's API, its export, and when they are compared with the log. */
import { durationDescription, durationPattern, toMs } from './duration.js';
import { keyProblem } from './tokens.js';
import { urlProblem } from './url-problem.js';

export interface SourceRoads {
  /** The platform's API, for reading what the feed missed. */
  platform?: PlatformConfiguration;
  /** What the feed missed is looked for by itself. */
  reconcile?: ReconcileConfiguration;
  /** The platform's export of its data into a PostgreSQL of yours. */
  export?: ExportConfiguration;
}

export interface PlatformConfiguration {
  apiKey: string;
  baseUrl: string;
  /** Reach loopback and private addresses too. */
  allowPrivateNetwork: boolean;
}

export interface ReconcileConfiguration {
  /** A duration, see `toMs`, as is the next. */
  every: number | string;
  /** How far before the end of the latest complete run the next one begins. */
  overlap: number | string;
  from: ('pull' | 'export')[];
}

export interface ExportConfiguration {
  /** URL of the database. */
  database: string;
  schema: string;
}

const duration = (fallback?: string) => ({
  type: ['integer', 'string'],
  minimum: 1,
  pattern: durationPattern,
  ...(fallback === undefined ? {} : { default: fallback }),
  description: durationDescription,
});

/** As JSON Schema, for the properties of a source. */
export const sourceRoadsSchema = {
  platform: {
    type: 'object',
    required: ['apiKey'],
    additionalProperties: false,
    properties: {
      apiKey: { type: 'string', minLength: 1 },
      baseUrl: { type: 'string', default: 'https://esputnik.com/api' },
      allowPrivateNetwork: { type: 'boolean', default: false },
    },
  },
  reconcile: {
    type: 'object',
    required: ['every'],
    additionalProperties: false,
    properties: {
      every: duration(),
      overlap: duration('2d'),
      from: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', enum: ['pull', 'export'], description: 'pull or export' },
        default: ['pull'],
      },
    },
  },
  export: {
    type: 'object',
    required: ['database'],
    additionalProperties: false,
    properties: {
      database: { type: 'string', minLength: 1 },
      schema: { type: 'string', minLength: 1, default: 'esputnik' },
    },
  },
};

const minuteMs = 60_000;
const settingOf = { pull: 'platform: { apiKey }', export: 'export: { database }' };

/** Where the ingress reads the file, references to secrets that it does not need stay as they are. */
const problemOf = (url: string, schemes: readonly string[]): string | null =>
  url.includes('${') ? null : urlProblem(url, schemes);

/** One sentence for each problem, with its place in the file. */
export function sourceRoadsProblems(sources: Readonly<Record<string, SourceRoads>>): string[] {
  return Object.entries(sources).flatMap(([name, { platform, export: exported, reconcile }]) => {
    const at = `sources.${name}`;
    const problems: string[] = [];
    const ofPlatform = platform === undefined ? null : problemOf(platform.baseUrl, ['https:', 'http:']);
    if (ofPlatform !== null) problems.push(`${at}.platform.baseUrl: ${ofPlatform}, for example https://esputnik.com/api`);
    const ofKey = platform === undefined ? null : keyProblem(platform.apiKey);
    if (ofKey !== null) problems.push(`${at}.platform.apiKey: ${ofKey}`);
    const ofExport = exported === undefined ? null : problemOf(exported.database, ['postgres:', 'postgresql:']);
    if (ofExport !== null)
      problems.push(`${at}.export.database: ${ofExport}, for example postgres://reader:password@host:5432/export`);
    if (reconcile === undefined) return problems;
    if (toMs(reconcile.every) < minuteMs) problems.push(`${at}.reconcile.every: must be a minute at least`);
    const roads = { pull: platform, export: exported };
    for (const road of reconcile.from)
      if (roads[road] === undefined) problems.push(`${at}.reconcile.from: "${road}" needs ${settingOf[road]} of the same source`);
    return problems;
  });
}
