/** The platform's API as a road: `GET v2/contacts/activity` in slices, which are halved where a page is full. */
import { toWebhookElement } from '../road-element.js';
import { isPullable, type Period, type Road, type RoadElement, type Told } from '../road.js';
import { textOfClock, wholeSecond, type ClockMs } from '../wall-clock.js';
import { NotAnswered, type PlatformApi } from './platform-api.js';
import { readPages, type Pages } from './read-pages.js';
import { splitOff, unite } from './shared-second.js';

const path = 'v2/contacts/activity';
/** Longer windows, and larger pages, lose rows (users of the API report). */
const sliceMs = 2 * 3_600_000;
const usualMaxRows = 1_000;
const minuteMs = 60_000;
const secondMs = 1_000;
/** After so many slices in a row without an answer the rest is not asked for. */
const mostSilent = 3;

/** Both ends are asked for; rows at `to` are those of the next slice, too. */
interface Slice extends Period {
  rows: readonly RoadElement[];
  /** Why there may be more; null: these are all. */
  unread: string | null;
}

export class PullRoad implements Road {
  readonly name = 'pull';
  #silent = 0;

  constructor(
    private readonly api: PlatformApi,
    private readonly maxRows = usualMaxRows,
  ) {}

  tells(status: string): boolean {
    return isPullable(status);
  }

  async *tell(period: Period | null, signal: AbortSignal): AsyncGenerator<Told> {
    if (period === null) throw new Error('the API is asked for a period');
    const end = wholeSecond(period.to + secondMs - 1);
    let shared: readonly RoadElement[] = [];
    for (let from = wholeSecond(period.from); from < end; from += sliceMs) {
      for await (const slice of this.#read(from, Math.min(from + sliceMs, end))) {
        signal.throwIfAborted();
        const parts = splitOff(slice.rows, slice.to);
        const before = splitOff(parts.before, slice.from);
        yield { kind: 'rows', rows: [...unite(shared, before.shared), ...before.before] };
        ({ shared } = parts);
        if (slice.unread === null) yield { kind: 'read', from: slice.from, to: slice.to };
        else yield { kind: 'unread', from: slice.from, to: slice.to, reason: slice.unread };
      }
    }
    yield { kind: 'rows', rows: shared };
  }

  async *#read(from: ClockMs, to: ClockMs): AsyncGenerator<Slice> {
    if (this.#silent >= mostSilent || !this.api.hasTime) {
      yield { from, to, rows: [], unread: 'the platform did not answer before, and was not asked any more' };
      return;
    }
    try {
      const first = await this.#page(from, to);
      this.#silent = 0;
      const middle = wholeSecond((from + to) / 2);
      const isLong = to - from > minuteMs;
      const { rows, isWhole }: Pages =
        first.length < this.maxRows
          ? { rows: [...first], isWhole: true }
          : isLong
            ? { rows: [], isWhole: false }
            : await readPages(first, this.maxRows, (offset) => this.#page(from, to, offset));
      if (isWhole) yield { from, to, rows, unread: null };
      else if (to - from <= secondMs)
        yield { from, to, rows, unread: `more than ${this.maxRows} rows in a second, and "offset" did not lead through them` };
      else {
        yield* this.#read(from, middle);
        yield* this.#read(middle, to);
      }
    } catch (error) {
      if (!(error instanceof NotAnswered)) throw error;
      this.#silent++;
      yield { from, to, rows: [], unread: error.message };
    }
  }

  async #page(from: ClockMs, to: ClockMs, offset?: string): Promise<RoadElement[]> {
    const answer = await this.api.get(path, {
      dateFrom: textOfClock(from),
      dateTo: textOfClock(to),
      maxrows: String(this.maxRows),
      ...(offset === undefined ? {} : { offset }),
    });
    if (!Array.isArray(answer)) throw new NotAnswered('the platform answered with something that is no list of activities');
    return answer.map((row: unknown) => (isRecord(row) ? toWebhookElement(row) : { unreadable: row }));
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
