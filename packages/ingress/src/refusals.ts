/** What becomes of requests that are not taken: each is counted by its kind, and told at a bounded rate. Nothing of a path or a header is told: they carry tokens. */
import { LimitedLog, type Logger } from '@vidhuk/shared';
import { Counter, type Registry } from 'prom-client';

/** The words of the log line, by the label of the metric. */
const kinds = {
  credentials: 'bad credentials',
  name: 'a token is right, and the source or the hook in the URL is none of the configuration',
  path: 'a request for a path that does not exist',
  body: 'a body could not be taken',
  http: 'a request could not be read',
  admin: 'somebody asked with another admin token',
} as const;

export class Refusals {
  readonly #log: LimitedLog;
  readonly #counter: Counter<'kind' | 'code'>;

  constructor(registry: Registry, log: Logger) {
    this.#log = new LimitedLog(log);
    this.#counter = new Counter({
      name: 'vidhuk_refused_requests_total',
      help: 'Requests that were not taken, by kind (credentials, name, path, body, http, admin) and by code of the answer',
      labelNames: ['kind', 'code'],
      registers: [registry],
    });
  }

  /** `source`, if it is one that exists, has lines of its own. */
  refused(kind: keyof typeof kinds, code: number, fields: { source?: string; remote: string | undefined; err?: string }): void {
    this.#counter.inc({ kind, code: String(code) });
    this.#log.warn(`${fields.source ?? ''} ${kind} ${code}`, { ...fields, code }, kinds[kind]);
  }
}
