/**
 * Liquid, cut down to what a template of a call may do: it reads no file and gives the same text for the same values, today and tomorrow, on
 * this machine and on another, because every attempt of a call must have the same bytes.
 */
import { type FilterImplOptions, Liquid, type LiquidOptions } from 'liquidjs';

const tagsThatReadFiles = ['include', 'render', 'layout', 'block'];
const dateFilters = ['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string'];

function createEngine(options: LiquidOptions): Liquid {
  const engine = new Liquid({
    templates: {},
    strictFilters: true,
    ownPropertyOnly: true,
    timezoneOffset: 0,
    locale: 'en-US',
    // Against templates that loop: ms of one rendering, and roughly bytes.
    renderLimit: 1_000,
    memoryLimit: 10_000_000,
    ...options,
  });
  for (const tag of tagsThatReadFiles) Reflect.deleteProperty(engine.tags, tag);
  engine.unregisterFilter('sample'); // picks at random
  for (const name of dateFilters) engine.registerFilter(name, withoutNow(engine.filters[name]));
  return engine;
}

function withoutNow(filter: FilterImplOptions | undefined): FilterImplOptions {
  return function (value: unknown, ...rest: unknown[]): unknown {
    if (value === 'now' || value === 'today') {
      throw new Error(`"${value}" would change the bytes of a repeated call: activity.occurredAt stays`);
    }
    return typeof filter === 'function' ? filter.call(this, value, ...rest) : value;
  };
}

/** Text as it is. */
export const textEngine = createEngine({});
/** Every value is percent-encoded, so that none can add a path segment or a parameter; `| raw` leaves it alone. */
export const urlEngine = createEngine({ outputEscape: (value: unknown) => encodeURIComponent(plain(value)) });
for (const name of ['url_encode', 'cgi_escape', 'uri_escape'] as const) {
  const encode = urlEngine.filters[name];
  // What a filter has encoded is not encoded once more.
  if (typeof encode === 'function') urlEngine.registerFilter(name, { raw: true, handler: encode });
}
/**
 * For JSON written as a text: every value is escaped, so that none ends the string that it stands in; `| json` gives a whole JSON value, and `| raw`
 * leaves it alone.
 */
export const jsonEngine = createEngine({ outputEscape: (value: unknown) => escapeInJson(plain(value), value) });
const { json } = jsonEngine.filters;
if (typeof json === 'function')
  jsonEngine.registerFilter('json', {
    raw: true,
    // What is not there has no JSON: a field of a request's body that its sender left out.
    handler(value: unknown, ...rest: unknown[]): unknown {
      return json.call(this, value ?? null, ...rest);
    },
  });
/** A string that is one output and nothing else gives the value itself: a number stays a number, a list a list. */
export const valueEngine = createEngine({ keepOutputType: true });

/** Lists and objects are JSON already. */
const escapeInJson = (text: string, value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(text).slice(1, -1) : text;

function plain(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
