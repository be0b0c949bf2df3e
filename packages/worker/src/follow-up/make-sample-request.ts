/** A made-up request that an action with `workflow` would be called for, to try the action with before the first real one has come. */
import { PermanentError, type Configuration } from '@vidhuk/shared';
import { v7 as uuidv7 } from 'uuid';
import { readFields } from '../workflow/read-fields.js';
import { readContent } from '../workflow/read-content.js';
import type { WorkflowRequest } from '../workflow/workflow-request.js';
import type { Action } from './action.js';

/** No contact of the platform has it. */
const usual = { contactId: '999999999999', email: 'sample@example.com', workflowInstanceId: 'made-up-by-vidhuk' };

/** A request of the action's first hook with this body. */
export function requestOf(action: Action, body: Buffer, sources: Configuration['sources'], now = new Date()): WorkflowRequest {
  const contentType = 'application/json';
  const content = readContent(body, contentType);
  const id = uuidv7();
  const [hook = ''] = action.when.request?.hooks ?? [];
  const [named] = [action.settings.when.source ?? []].flat();
  const having = Object.keys(sources).find((name) => Object.hasOwn(sources[name]?.workflows ?? {}, hook));
  const source = named ?? having ?? Object.keys(sources)[0] ?? 'main';
  const fields = readFields({}, content, body);
  return { id, key: id, source, hook, receivedAt: now, method: 'POST', query: {}, contentType, body, content, ...fields };
}

/** What conditions ask for at paths of plain names stands there. Throws where that is not enough: then somebody has to write the body. */
export function makeSampleRequest(action: Action, sources: Configuration['sources']): WorkflowRequest {
  const body: Record<string, unknown> = { ...usual };
  for (const [path, wanted] of Object.entries(action.settings.when.body ?? {})) {
    const names = /^(?:\$\.)?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)$/.exec(path)?.[1]?.split('.');
    const value = valueFor(wanted);
    if (names !== undefined && value !== undefined) put(body, names, value);
  }
  const request = requestOf(action, Buffer.from(JSON.stringify(body)), sources);
  const reasons = action.when.request?.mismatches(request) ?? [];
  if (reasons.length === 0) return request;
  throw new PermanentError(
    `no body could be made up for these conditions, pass one with --request <file>: ${reasons.join('; ')}`,
  );
}

function valueFor(wanted: NonNullable<Action['settings']['when']['body']>[string]): unknown {
  if (Array.isArray(wanted)) return wanted[0];
  if (typeof wanted !== 'object') return wanted;
  if ('exists' in wanted) return wanted.exists ? 'made up' : undefined;
  return 'in' in wanted ? wanted.in[0] : wanted.equals;
}

function put(object: Record<string, unknown>, names: readonly string[], value: unknown): void {
  const [name = '', ...rest] = names;
  if (rest.length === 0) {
    object[name] = value;
    return;
  }
  const inner = (object[name] ?? {}) as Record<string, unknown>;
  object[name] = inner;
  put(inner, rest, value);
}
