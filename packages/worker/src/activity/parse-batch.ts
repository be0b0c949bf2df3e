/** From the bytes of one webhook body to its sound activities and its broken elements; never throws, whatever the bytes are. */
import { setImmediate as otherWork } from 'node:timers/promises';
import { messageOf } from '@vidhuk/shared';
import type { Activity, Rejection, RejectionReason } from './activity.js';
import { elementTexts } from './element-texts.js';
import { anonymise, readStub } from './erased-element.js';
import { parseLocalTime, wallClockOf } from './local-time.js';
import { hintOf, hintOfText } from './rejection-hint.js';
import { normalise, normaliseStatus, readSubscriptions } from './normalise.js';
import { readWireActivity } from './wire-activity.js';

export interface ParsedBatch {
  /** Elements in the body; broken ones included. */
  total: number;
  activities: Activity[];
  rejections: Rejection[];
  /** What is left of activities whose people were erased: of a body that was kept, where `stubs` asks for them. */
  erased?: Activity[];
}

/** Promised limit (design, "Limits that are promised"). */
const maxNesting = 32;

/**
 * What a worker with 512 MB of heap can take apart: more of either is one broken element, kept as it came. A batch of 64 MB as the vendor writes it
 * has 180,000 elements and five million values.
 */
const maxElements = 500_000;
const maxValues = 8_000_000;

/** `source` is the configured name, `timeZone` that source's IANA zone. An array or one bare object is accepted; other text is one broken element. */
export function parseBatch(body: Buffer, context: ParseContext): ParsedBatch {
  const steps = parseInSteps(body, context);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** As {@link parseBatch}, and lets other work of the process go on between: a body of 64 MB takes seconds, in which locks must be renewed. */
export async function parseBatchInTurns(body: Buffer, context: ParseContext): Promise<ParsedBatch> {
  const steps = parseInSteps(body, context);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await otherWork();
  }
}

export interface ParseContext {
  source: string;
  timeZone: string;
  /** ms since 1970: what happened later is a bad date, for it would win every maximum for ever. Default: no bound. */
  latest?: number;
  /** The body was kept: in the place of elements of erased people it has stubs. A body that comes in has none. */
  stubs?: boolean;
}

interface ElementContext extends ParseContext {
  /** Whether any text of the body may hold what PostgreSQL cannot store. */
  mayHoldUnstorable: boolean;
}

/** Bytes that were decoded are whole characters, and JSON allows no bare NUL: only an escape brings in a NUL or half of a surrogate pair. */
const unstorableEscape = /\\u(?:0000|d[89a-f])/i;

/** Of elements: some 2 ms. */
const stepSize = 100;

function* parseInSteps(body: Buffer, context: ParseContext): Generator<undefined, ParsedBatch> {
  const text = decode(body);
  const whole = (reason: RejectionReason, detail: string): ParsedBatch => ({
    total: 1,
    activities: [],
    rejections: [{ position: 0, reason, detail, ...hintOfText(text), raw: storable(text) }],
  });
  if (countValues(body) > maxValues) return whole('too-many-elements', `holds more than ${maxValues} values: send it in parts`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return whole('not-json', storable(messageOf(error))); // the message quotes the text
  }
  const elements: unknown[] = Array.isArray(value) ? value : [value];
  if (elements.length > maxElements)
    return whole(
      'too-many-elements',
      `holds ${elements.length} elements, at most ${maxElements} are taken at once: send it in parts`,
    );
  const inElements = { ...context, mayHoldUnstorable: unstorableEscape.test(text) };
  const activities: Activity[] = [];
  const erased: Activity[] = [];
  const broken: Omit<Rejection, 'raw'>[] = [];
  for (const [position, element] of elements.entries()) {
    if (position > 0 && position % stepSize === 0) yield;
    const key = context.stubs ? stubKey(element) : undefined;
    if (key !== undefined) {
      const left = parseElement(element, position, inElements);
      if (typeof key === 'string' && 'key' in left) erased.push(anonymise({ ...left, key }));
      continue;
    }
    const result = parseElement(element, position, inElements);
    if ('key' in result) activities.push(result);
    else broken.push({ position, ...result, ...hintOf(element) });
    elements[position] = undefined; // of a large body, both forms of all elements would be too much
  }
  const parsed = { total: elements.length, activities, rejections: withTexts(broken, text) };
  return erased.length === 0 ? parsed : { ...parsed, erased };
}

const stubKey = (element: unknown): string | true | undefined =>
  typeof element === 'object' && element !== null ? readStub(element as Record<string, unknown>) : undefined;

/** Adds to each broken element its text as received. The texts are looked for only when they are needed. */
export function withTexts(broken: readonly Omit<Rejection, 'raw'>[], text: string): Rejection[] {
  if (broken.length === 0) return [];
  const texts = elementTexts(text);
  return broken.map((rejection) => ({ ...rejection, raw: storable(texts[rejection.position] ?? '') }));
}

/** An upper bound, without parsing: each value but the first stands behind one of these. */
function countValues(body: Buffer): number {
  if (body.length <= maxValues) return 0;
  let count = 0;
  for (const byte of body) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) count++; // , [ {
  return count;
}

/** As text; bytes that are not UTF-8 become U+FFFD, a byte order mark goes. The batch keeps the bytes themselves. */
export function decode(body: Buffer): string {
  return body.toString('utf8').replace(/^\uFEFF/, '');
}

/** PostgreSQL's text takes any character but NUL. */
export const storable = (text: string): string => text.replaceAll('\0', '\u{FFFD}').toWellFormed();

type Fault = Pick<Rejection, 'reason' | 'detail'>;

function parseElement(element: unknown, position: number, context: ElementContext): Activity | Fault {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    return {
      reason: 'not-an-object',
      detail: `an activity is an object, this is ${element === null ? 'null' : Array.isArray(element) ? 'an array' : `a ${typeof element}`}`,
    };
  }
  const fault = findUnstorable(element, context.mayHoldUnstorable);
  if (fault !== undefined) return fault;
  const fields = element as Readonly<Record<string, unknown>>;
  const wire = readWireActivity(fields);
  if (typeof wire === 'string') return { reason: 'invalid-field', detail: wire };
  const occurredAt = parseLocalTime(wire.activityDateTime, context.timeZone);
  if (occurredAt === undefined) {
    return {
      reason: 'bad-date',
      detail: `activityDateTime: "${wire.activityDateTime.slice(0, 100).toWellFormed()}" is not a time YYYY-MM-DDTHH:MM:SS that exists in ${context.timeZone}`,
    };
  }
  if (occurredAt > (context.latest ?? Infinity)) {
    return {
      reason: 'bad-date',
      detail: `activityDateTime: "${wire.activityDateTime}" lies in the future of its receipt by more than maxAhead: is the time zone of the source right?`,
    };
  }
  const subscriptions = normaliseStatus(wire.activityStatus) === 'SUBSCRIPTION_CHANGED' ? readSubscriptions(fields) : null;
  if (subscriptions === 'invalid') return { reason: 'invalid-field', detail: 'subscriptions: must be an array of strings' };
  const wallClock = wallClockOf(wire.activityDateTime, context.timeZone, occurredAt);
  return normalise(fields, wire, subscriptions, { source: context.source, position, occurredAt, wallClock });
}

/** Walks through the whole element, known fields and others, without recursion: it may be nested 100,000 deep. */
function findUnstorable(element: object, lookAtTexts: boolean): Fault | undefined {
  let level: object[] = [element];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxNesting) return { reason: 'too-deep', detail: `is nested deeper than ${maxNesting} levels` };
    const next: object[] = [];
    for (const container of level) {
      const fault = lookAtTexts ? findBadText(container) : undefined;
      if (fault !== undefined) return fault;
      for (const value of Object.values(container) as unknown[])
        if (typeof value === 'object' && value !== null) next.push(value);
    }
    level = next;
  }
  return undefined;
}

function findBadText(container: object): Fault | undefined {
  for (const [key, value] of Object.entries(container) as [string, unknown][]) {
    const text = [key, value].find((part) => typeof part === 'string' && (part.includes('\0') || !part.isWellFormed()));
    if (text !== undefined)
      return {
        reason: 'bad-text',
        detail: `${key.replaceAll('\0', '\\u0000').toWellFormed()}: holds a NUL character or half of a surrogate pair, which PostgreSQL cannot store`,
      };
  }
  return undefined;
}
