/** The parameters of `http-request`, compiled: what is wrong with them, and the request of each call. */
import { PermanentError } from '@vidhuk/shared';
import type { HandlerUse } from '../handler.js';
import { compileJsonText } from '../templates/json-text.js';
import {
  compileText,
  compileUrl,
  compileValue,
  isTemplate,
  sampleScope,
  type Compiled,
  type Scope,
  type TemplatePlace,
} from '../templates/template.js';
import { secretsOfUrl } from './redact.js';
import { createSigner, secretProblem } from './sign.js';
import { targetProblem } from './target-problem.js';

export interface WebhookParams {
  url: string;
  method: string;
  headers?: Record<string, string>;
  body?: unknown;
  secret?: string | string[];
  allowPrivateNetwork: boolean;
}

interface PreparedRequest {
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** What was sent and must not be seen in messages. */
  secrets: string[];
}

export interface WebhookCall {
  problems: string[];
  /** Throws `PermanentError` when the templates give nothing that can be sent. */
  prepare(scope: Scope, idempotencyKey: string, at: Date): PreparedRequest;
}

/** Set by HTTP itself, or by the signature. */
const ourHeaders = /^(?:webhook-.*|host|content-length|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer)$/i;
const publicHeaders = new Set(['content-type', 'accept', 'user-agent']);
const bodiless = new Set(['GET', 'DELETE']);

export function compileWebhookCall(params: WebhookParams, use: HandlerUse): WebhookCall {
  const { grouped, subject = 'activity' } = use;
  const place = (at: string): TemplatePlace => ({ at, grouped, subject });
  const secrets = [params.secret ?? []].flat();
  const url = compileUrl(params.url, place('with.url'));
  const headers = Object.entries(params.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), compileText(value, place(`with.headers.${name}`)), value] as const,
  );
  const contentType = Object.entries(params.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const body = compileBody(params, place('with.body'), contentType ?? 'application/json');
  const signatureProblems = secrets.flatMap((secret) => secretProblem(secret) ?? []).map((problem) => `with.secret: ${problem}`);
  const sign = signatureProblems.length === 0 ? createSigner(secrets) : () => ({});
  const problems = [
    ...(url.problems.length > 0 ? url.problems : urlProblems(params, url.render(sampleScope(place('with.url'))))),
    ...headers.flatMap(([name, value, source]) => [...headerProblems(name, source), ...value.problems]),
    ...(body?.problems ?? []),
    ...signatureProblems,
  ];
  return {
    problems,
    prepare(scope, idempotencyKey, at) {
      const target = url.render(scope);
      const own = headers.map(([name, value]) => [name, sendable(name, value.render(scope))] as const);
      const text = body?.render(scope);
      const hidden = own
        .filter(([name]) => !publicHeaders.has(name))
        .flatMap(([, value]) => [value, value.replace(/^\S+\s+/, '')]);
      return {
        url: target,
        headers: {
          'user-agent': 'vidhuk',
          ...(text === undefined ? {} : { 'content-type': 'application/json' }),
          ...Object.fromEntries(own),
          ...sign(idempotencyKey, text ?? '', at),
        },
        ...(text === undefined ? {} : { body: text }),
        secrets: [...secrets, ...secrets.map((secret) => secret.replace(/^whsec_/, '')), ...hidden, ...secretsOfUrl(target)],
      };
    },
  };
}

/** Whether the URL can be called, as far as that shows before the first call. */
function urlProblems({ url, allowPrivateNetwork }: WebhookParams, rendered: string): string[] {
  const hostIsTemplate = !/^[^/{]*:\/\/[^/{]+(?:[/?#]|$)/.test(url);
  if (url.includes('{') && hostIsTemplate) return [];
  const problem = targetProblem(rendered, allowPrivateNetwork);
  return problem === null ? [] : [`with.url: ${problem}`];
}

function headerProblems(name: string, source: string): string[] {
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return [`with.headers: "${name}" is not a name that a header can have`];
  if (ourHeaders.test(name)) return [`with.headers.${name}: is set by Vidhuk itself`];
  return isTemplate(source) || isSendable(source) ? [] : [unsendable(name)];
}

const isSendable = (value: string): boolean => !/[^\t\x20-\x7e]/.test(value);
const unsendable = (name: string): string => `with.headers.${name}: a header carries printable ASCII only`;

function sendable(name: string, value: string): string {
  if (!isSendable(value)) throw new PermanentError(unsendable(name));
  return value;
}

/** null: a request without a body. undefined as `body`: the payload as it is. */
function compileBody({ body, method }: WebhookParams, place: TemplatePlace, contentType: string): Compiled<string> | null {
  if (method === 'GET' && body !== undefined) return { render: () => '', problems: ['with.body: a GET request has none'] };
  if (body === undefined) return bodiless.has(method) ? null : { render: (scope) => JSON.stringify(scope), problems: [] };
  if (typeof body !== 'string') {
    const { render, problems } = compileValue(body, place);
    return { render: (scope) => JSON.stringify(render(scope)), problems };
  }
  return /\bjson\b/i.test(contentType) ? compileJsonText(body, place) : compileText(body, place);
}
