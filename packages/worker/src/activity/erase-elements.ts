/** Takes people out of a body: their elements are replaced by stubs in place, all others stay byte for byte as they came. Pure. */
import type { Activity } from './activity.js';
import { elementSpans, replaceElements } from './element-spans.js';
import { anonymise, readStub, stubOf } from './erased-element.js';
import { decode, parseBatch, type ParseContext } from './parse-batch.js';
import { isAbout, names, type People } from './people.js';

export interface ErasedBody {
  body: Buffer;
  /** The activities that were taken out, without what was theirs. */
  activities: Activity[];
  /** Elements that were replaced, broken ones included. */
  elements: number;
}

/** `undefined` where nothing in it is about them. `hints`: texts of which an element has at least one, so that others need not be parsed. */
export function eraseElements(
  body: Buffer,
  context: ParseContext,
  people: People,
  hints: readonly Buffer[] = [],
): ErasedBody | undefined {
  const stubs = new Map<number, string>();
  const activities: Activity[] = [];
  for (const [position, { start, end }] of elementSpans(body).entries()) {
    const bytes = body.subarray(start, end);
    if (hints.length > 0 && !hints.some((hint) => bytes.includes(hint))) continue;
    const text = decode(bytes);
    if (isStub(text)) continue;
    const [activity] = parseBatch(Buffer.from(`[${text}]`), context).activities;
    if (activity === undefined ? !names(people, text) : !isAbout(people, activity, () => text)) continue;
    stubs.set(position, stubOf(text, activity));
    if (activity !== undefined) activities.push(anonymise({ ...activity, position }));
  }
  return stubs.size === 0 ? undefined : { body: replaceElements(body, stubs), activities, elements: stubs.size };
}

function isStub(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && readStub(value as Record<string, unknown>) !== undefined;
  } catch {
    return false;
  }
}
