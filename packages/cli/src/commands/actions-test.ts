/** `vidhuk actions test`: one real call, shown in full. */
import { readFile } from 'node:fs/promises';
import pc from 'picocolors';
import type { DataSource } from 'typeorm';
import { type Activity, parseBatch, parseContextOf } from '@vidhuk/worker/activity';
import {
  type Action,
  createGuardedHttp,
  erasureOf,
  findMatching,
  findMatchingRequest,
  isTooOld,
  makeSample,
  makeSampleRequest,
  type PlannedErasure,
  requestOf,
  sampleContact,
  type Trial,
  tryAction,
} from '@vidhuk/worker/follow-up';
import type { WorkerConfiguration } from '@vidhuk/worker/configuration';
import type { WorkflowRequest } from '@vidhuk/worker/workflow';
import { withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { loadBesideDatabase } from '../load-configuration.js';
import { openLogger } from '../output/logger.js';
import { formatAge } from '../output/age.js';
import { answer, answerNo, type AnswerOptions } from '../output/answer.js';
import { inLine, inLines, printAside } from '../output/print.js';
import { redact } from '../output/redact.js';
import { findAction } from './find-action.js';

export interface TestOptions extends AnswerOptions {
  activity?: string;
  request?: string;
  anyway?: boolean;
  sample?: boolean;
}

export async function testAction(environment: CliEnvironment, name: string, options: TestOptions): Promise<void> {
  const config = await loadBesideDatabase(environment);
  const action = findAction(config, name);
  const given = await givenTo(action, options, config);
  const mismatches = given === undefined ? [] : mismatchesOf(action, given);
  if (mismatches.length > 0 && !options.anyway) {
    const reasons = mismatches.map((reason) => `  - ${inLine(reason)}`).join('\n');
    const what = action.when.request === null ? 'activity' : 'request';
    answerNo(
      options,
      { called: false, mismatches },
      `${name} is not called for this ${what}:\n${reasons}\nTo call it all the same: --anyway`,
    );
    return;
  }
  const http = createGuardedHttp(config.worker);
  try {
    const { trial, subject } = await withDatabase(environment, async (dataSource) => {
      const subject = given ?? (await subjectFor(dataSource, action, config, options));
      const isMade = options.sample === true && !('hook' in subject) && !('erasure' in subject);
      const contact = isMade ? { contact: await sampleContact(dataSource, subject) } : {};
      const trial = await tryAction(action, subject, { dataSource, http, log: openLogger('info'), ...contact });
      return { trial, subject };
    });
    if (!trial.ok) process.exitCode = exitCode.negative;
    const result = { ...trial, mismatches };
    answer(options, options.json ? redact(result) : result, () => `${describeSubject(subject)}\n${describeTrial(trial)}`);
    if (mismatches.length > 0 && !options.json) printAside(`Without --anyway it is not called: ${inLine(mismatches.join('; '))}`);
  } finally {
    await http.close();
  }
}

/** Of a contact that does not exist. */
function sampleErasure({ sources }: WorkerConfiguration): PlannedErasure {
  const [source = 'main'] = Object.keys(sources);
  const contact = { source, contactId: 999_999_999_999, externalCustomerId: 'sample' };
  return erasureOf(contact, '018f0000-0000-8000-8000-000000000001', new Date().toISOString());
}

/** What a file holds, for an action that waits for such a thing. */
async function givenTo(
  action: Action,
  { activity, request }: TestOptions,
  config: WorkerConfiguration,
): Promise<Activity | WorkflowRequest | undefined> {
  if (activity !== undefined && action.when.request !== null)
    throw new Error(`"${action.name}" waits for requests of the workflow block: pass the body of one with --request <file>`);
  if (request !== undefined && action.when.request === null)
    throw new Error(`"${action.name}" waits for activities: pass one with --activity <file>`);
  if (request !== undefined) return requestOf(action, await readFile(request), config.sources);
  return activity === undefined ? undefined : fromFile(activity, config);
}

const mismatchesOf = (action: Action, given: Activity | WorkflowRequest): string[] =>
  'hook' in given
    ? (action.when.request?.mismatches(given) ?? [])
    : [...action.when.mismatches(given), ...ageProblems(action, given)];

/** As if it came by webhook now. */
function ageProblems({ when, settings }: Action, activity: Activity): string[] {
  if (!isTooOld(when, activity, { origin: 'webhook', receivedAt: new Date() })) return [];
  const { maxAge = '' } = settings.when;
  return [`when.maxAge wants what happened within ${maxAge}, and it happened ${formatAge(new Date(activity.occurredAt))}`];
}

async function fromFile(path: string, config: WorkerConfiguration): Promise<Activity> {
  const [source = 'main'] = Object.keys(config.sources);
  const { activities, rejections } = parseBatch(await readFile(path), parseContextOf(config.sources, source, Date.now()));
  const [activity] = activities;
  if (activity === undefined) throw new Error(`${path} holds no sound activity: ${rejections[0]?.detail ?? 'it is empty'}`);
  return activity;
}

type Subject = Activity | WorkflowRequest | PlannedErasure;

/** Made up where the action waits for erasures or `--sample` asks for it; else the latest that matches. */
async function subjectFor(
  dataSource: DataSource,
  action: Action,
  config: WorkerConfiguration,
  { sample }: TestOptions,
): Promise<Subject> {
  if (action.when.erasure !== null) return sampleErasure(config);
  if (!sample) return latestMatching(dataSource, action, config);
  return action.when.request === null ? makeSample(action, config.sources) : makeSampleRequest(action, config.sources);
}

/** What the call is about, such as `called with UNSUBSCRIBED email of contact 7, 2 days ago`. */
function describeSubject(subject: Subject): string {
  const [what, time] =
    'erasure' in subject
      ? ['an erasure', null]
      : 'hook' in subject
        ? [`a request of ${subject.hook}`, subject.receivedAt]
        : [[subject.status, subject.mediaType].filter((text) => text !== null).join(' '), new Date(subject.occurredAt)];
  const whose = subject.contactId === null ? '' : ` of contact ${subject.contactId}`;
  return inLine(`called with ${what}${whose}${time === null ? '' : `, ${formatAge(time)}`}`);
}

async function latestMatching(
  dataSource: DataSource,
  action: Action,
  config: WorkerConfiguration,
): Promise<Activity | WorkflowRequest> {
  if (action.when.request !== null) {
    const request = await findMatchingRequest(dataSource, action);
    if (request !== null) return request;
    throw new Error('no request that came matches: make one up with --sample, or pass a body with --request <file>');
  }
  const activity = await findMatching(dataSource, action, config.sources);
  if (activity !== null) return activity;
  throw new Error(
    'no activity in the log matches, as far as it was looked through: make one up with --sample, or pass one with --activity <file>',
  );
}

function describeMessage({ headers = {}, body = '' }: { headers?: Readonly<Record<string, string>>; body?: string }): string[] {
  return [...Object.entries(headers).map(([header, value]) => inLine(`${header}: ${value}`)), '', inLines(body), ''];
}

function describeTrial(trial: Trial): string {
  const lines = trial.exchanges.flatMap(({ request, response }) => {
    const shown = redact(request) as typeof request;
    const answer = response === null ? null : (redact(response) as typeof response);
    return [
      pc.bold(inLine(`${shown.method} ${shown.url}`)),
      ...describeMessage(shown),
      ...(answer === null ? [] : [pc.bold(`← ${answer.status}`), ...describeMessage(answer)]),
    ];
  });
  const verdict = trial.ok
    ? pc.green(`done in ${trial.ms} ms`)
    : pc.red(`failed after ${trial.ms} ms: ${inLine(trial.error ?? '')}`);
  return [...lines, `idempotency key: ${trial.idempotencyKey}`, verdict].join('\n');
}
