/** Batches as the vendor's sender would POST them: seeded, lazy, in constant memory, with exactly as many elements as asked for. */
import { type BrokenKind, BROKEN_KINDS, breakActivity } from './broken.js';
import { disorder } from './disorder.js';
import { hashText, Random } from './random.js';
import { simulateActivities } from './timeline.js';

/** What is generated. The same options give the same bytes; another `batchSize` cuts the same elements differently. */
export interface GenerateOptions {
  seed: number;
  /** Size of the population; default 10,000. */
  contacts?: number;
  /** Elements in all batches together, repetitions and broken ones included. */
  activities: number;
  /** Elements in one batch, at most; default 500 (the vendor's is unknown). */
  batchSize?: number;
  /** Share of elements that must be quarantined, 0 to 1; default 0. */
  broken?: number;
  /** Time of the first activity; default 2026-01-01, so that nothing depends on the clock. */
  from?: Date;
  /** Over how many days the activities are spread; default 30. */
  days?: number;
}

/** One element of a batch: its exact text in the body, and how it is broken (null: sound). */
export interface GeneratedElement {
  text: string;
  broken: BrokenKind | null;
}

/** The body of one request and the elements in it. A body that is not JSON counts as one broken element. */
export interface GeneratedBatch {
  body: string;
  elements: GeneratedElement[];
}

/** Generates the batches one by one. Throws RangeError at once when an option makes no sense. */
export function generateBatches(options: GenerateOptions): Generator<GeneratedBatch, void> {
  const { batchSize = 500, ...rest } = options;
  const { seed, contacts = 10_000, activities, broken = 0, from = new Date('2026-01-01T00:00:00Z'), days = 30 } = rest;
  requireRange('seed', seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  requireRange('contacts', contacts, 1, 0xffff_ffff);
  requireRange('activities', activities, 0, Number.MAX_SAFE_INTEGER);
  requireRange('batchSize', batchSize, 1, 1_000_000);
  if (!(broken >= 0 && broken <= 1)) throw new RangeError(`broken must be a share from 0 to 1, not ${broken}`);
  if (!(days > 0)) throw new RangeError(`days must be above 0, not ${days}`);
  const fromSeconds = Math.floor(from.getTime() / 1000);
  if (!Number.isFinite(fromSeconds)) throw new RangeError('from is not a date');
  const spanSeconds = Math.max(1, Math.floor(days * 86_400));
  // Any other option than the batch size makes another world: runs into one database then share no contact and no iid.
  const world = hashText([seed, contacts, activities, broken, fromSeconds, spanSeconds].join(' '));
  const source = generateElements({ world, contacts, activities, fromSeconds, spanSeconds }, broken);
  return cut(disorder(source, activities, new Random(world, 0xd150)), batchSize, new Random(world, 0xc07));
}

function* generateElements(
  timeline: Parameters<typeof simulateActivities>[0],
  broken: number,
): Generator<GeneratedElement, never> {
  const random = new Random(timeline.world, 0xb20);
  const activities = simulateActivities(timeline);
  for (;;) {
    const activity = activities.next().value;
    if (random.chance(broken)) {
      const kind = random.pick(BROKEN_KINDS);
      yield { text: breakActivity(activity, kind, random), broken: kind };
    } else {
      yield { text: JSON.stringify(activity), broken: null };
    }
  }
}

function* cut(elements: Iterable<GeneratedElement>, batchSize: number, random: Random): Generator<GeneratedBatch, void> {
  let gathered: GeneratedElement[] = [];
  for (const element of elements) {
    const alone = element.broken === 'body-not-json';
    if (gathered.length > 0 && (alone || gathered.length >= batchSize)) {
      yield { body: bodyOf(gathered, random), elements: gathered };
      gathered = [];
    }
    if (alone) yield { body: element.text, elements: [element] };
    else gathered.push(element);
  }
  if (gathered.length > 0) yield { body: bodyOf(gathered, random), elements: gathered };
}

/** Mostly a compact array; now and then spread over lines as in the samples, or a bare object, as newer vendor pages show it. */
function bodyOf(elements: GeneratedElement[], random: Random): string {
  const [first] = elements;
  if (elements.length === 1 && first?.text.startsWith('{') && random.chance(0.2)) return first.text;
  const [open, separator, close] = random.chance(0.05) ? ['[\n  ', ',\n  ', '\n]\n'] : ['[', ',', ']'];
  // Added up rather than joined: the engine then copies the characters once, when the body is encoded, and not twice.
  let body = open;
  for (const [position, { text }] of elements.entries()) body += position === 0 ? text : separator + text;
  return body + close;
}

function requireRange(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
}
