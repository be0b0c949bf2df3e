/** Compares what a road tells with the log, submits what is missing or says more, and counts. */
import type { DataSource } from 'typeorm';
import type { Activity } from '../activity/activity.js';
import { anonymise } from '../activity/erased-element.js';
import { parseBatchInTurns, type ParseContext } from '../activity/parse-batch.js';
import { inTransaction } from '../db/transaction.js';
import { readBounds } from '../projection/sql/tombstones.js';
import { isAbout, names, type People } from '../activity/people.js';
import { AlikePool } from './alike-pool.js';
import type { Door } from './door.js';
import type { Period, Road, RoadElement } from './road.js';
import { saysMore } from './says-more.js';
import { countOurs } from './sql/count-ours.js';
import { findAlike } from './sql/find-alike.js';
import { findCut } from './sql/find-cut.js';
import { findLogged } from './sql/find-logged.js';
import { knownRejections } from './sql/known-rejections.js';
import { dayOf, Tally, type DriftCount } from './tally.js';
import { clockOf } from './wall-clock.js';

/** Characters of a link in the export, varchar(1000). */
const linkWidth = 1_000;
/** Elements of one batch. */
const batchSize = 1_000;

export interface ComparisonParts {
  dataSource: DataSource;
  /** null: nothing is submitted (dry run). */
  door: Door | null;
  road: Pick<Road, 'tells'>;
  context: Pick<ParseContext, 'source' | 'timeZone'> & { maxAheadMs: number };
  /** Who was erased from the source, as of now. */
  erased: () => Promise<People>;
}

/** An activity without most of its fields: a file may have millions of them. */
type Seen = Pick<Activity, 'key' | 'occurredAt' | 'status'>;

export interface Step {
  tally: Tally;
  /** Elements that are not sound. */
  rejected: number;
}

/** What was taken since the last step. */
class Taken {
  readonly keys = new Set<string>();
  readonly alike = new AlikePool();
  /** Theirs that the log has. */
  readonly known: Seen[] = [];
  /** Theirs that were submitted, or would have been. */
  readonly missing: Seen[] = [];
  /** Theirs of erased people: neither missing nor known. */
  readonly erased: Seen[] = [];
  readonly tally = new Tally();
  rejected = 0;
}

export class Comparison {
  #taken = new Taken();

  constructor(private readonly parts: ComparisonParts) {}

  /** Rows that were not settled yet. */
  get size(): number {
    return this.#taken.keys.size;
  }

  /** Found by others. */
  count(counts: readonly DriftCount[]): void {
    for (const { day, status, kind, count } of counts) this.#taken.tally.add(day, status, kind, count);
  }

  async take(rows: readonly RoadElement[]): Promise<void> {
    for (let start = 0; start < rows.length; start += batchSize) await this.#takeSome(rows.slice(start, start + batchSize));
  }

  /**
   * Waits until what was submitted is in the log, and gives what was found since the last step. `period` was read whole: what the log has of it
   * beyond what the road told is only ours.
   */
  async settle(period: Period | null): Promise<Step> {
    const taken = this.#taken;
    const landed = await this.#landed(taken.missing);
    this.#taken = new Taken();
    const { tally, rejected } = taken;
    for (const seen of taken.missing) tally.add(dayOf(seen.occurredAt), seen.status, landed.has(seen.key) ? 'added' : 'missing');
    const theirs = [...taken.known, ...taken.missing.filter(({ key }) => landed.has(key)), ...(await this.#logged(taken.erased))];
    if (period === null) for (const { occurredAt, status } of taken.known) tally.add(dayOf(occurredAt), status, 'ours');
    else await this.#countOurs(tally, period, theirs, landed);
    return { tally, rejected };
  }

  async #takeSome(rows: readonly RoadElement[]): Promise<void> {
    const { context, dataSource, door } = this.parts;
    const body = Buffer.from(JSON.stringify(rows));
    const parsed = await parseBatchInTurns(body, { ...context, latest: Date.now() + context.maxAheadMs });
    const taken = this.#taken;
    const activities = parsed.activities.filter(({ key }) => !taken.keys.has(key) && taken.keys.add(key));
    for (const { occurredAt, status } of activities) taken.tally.add(dayOf(occurredAt), status, 'theirs');
    const people = await this.parts.erased();
    const isErased = (activity: Activity) => isAbout(people, activity, () => JSON.stringify(rows[activity.position]));
    const living = activities.filter((activity) => !isErased(activity));
    const wanted = new Set<number>();
    if (living.length < activities.length)
      for (const position of await this.#unloggedErased(activities.filter(isErased))) wanted.add(position);
    for (const activity of await this.#missing(living)) wanted.add(activity.position);
    const rejections = parsed.rejections.filter(({ raw }) => !names(people, raw));
    taken.rejected += rejections.length;
    if (rejections.length > 0 && door !== null) {
      const raws = rejections.map(({ raw }) => raw);
      const known = await knownRejections(dataSource, context.source, raws);
      for (const { position, raw } of rejections) if (!known.has(raw)) wanted.add(position);
    }
    if (door !== null && wanted.size > 0) await door.submit(rows.filter((_, position) => wanted.has(position)));
  }

  /** Those that the log does not have, or of which it knows less. */
  async #missing(activities: readonly Activity[]): Promise<Activity[]> {
    const { dataSource, context } = this.parts;
    const taken = this.#taken;
    const named = activities.filter(({ iid }) => iid !== null);
    const logged = await findLogged(dataSource, named);
    const unknown = named.filter(({ key }) => !logged.has(key));
    const longLinks = unknown.filter(({ clickEventLink }) => (clickEventLink ?? '').length >= linkWidth);
    const cut = longLinks.length === 0 ? new Set() : await findCut(dataSource, context.source, longLinks, linkWidth);
    await this.#fillAlike(activities.filter(({ iid }) => iid === null));

    const missing: Activity[] = [];
    for (const activity of activities) {
      const row = logged.get(activity.key);
      const isKnown = row !== undefined || cut.has(activity.key) || (activity.iid === null && taken.alike.take(activity));
      (isKnown ? taken.known : taken.missing).push(seenOf(activity));
      const tellsMore = row !== undefined && saysMore(activity, row);
      if (tellsMore) taken.tally.add(dayOf(activity.occurredAt), activity.status, 'enriched');
      if (!isKnown || tellsMore) missing.push(activity);
    }
    return missing;
  }

  /** Counts those of erased people, and gives the positions of those that the log does not have: that they happened is kept, without whose they were. */
  async #unloggedErased(activities: readonly Activity[]): Promise<number[]> {
    const taken = this.#taken;
    for (const activity of activities) {
      taken.tally.add(dayOf(activity.occurredAt), activity.status, 'erased');
      taken.erased.push(seenOf(activity));
    }
    const logged = new Set((await this.#logged(activities)).map(({ key }) => key));
    const unknown = activities.filter(({ key }) => !logged.has(key)).map(anonymise);
    // What the webhook brought without iid stands in the log without its contact.
    const unnamed = new Set(activities.filter(({ iid }) => iid === null).map(({ key }) => key));
    await this.#fillAlike(unknown.filter(({ key }) => unnamed.has(key)));
    const isAlike = (left: Activity) => unnamed.has(left.key) && taken.alike.take(left) && taken.known.push(seenOf(left)) > 0;
    return unknown.filter((left) => !isAlike(left)).map(({ position }) => position);
  }

  async #fillAlike(unnamed: readonly Seen[]): Promise<void> {
    const { alike } = this.#taken;
    const times = alike.newTimes(unnamed.map(({ occurredAt }) => occurredAt));
    if (times.length > 0) alike.fill(times, await findAlike(this.parts.dataSource, this.parts.context.source, times));
  }

  async #logged(wanted: readonly Seen[]): Promise<Seen[]> {
    const keys = new Set<string>();
    for (let start = 0; start < wanted.length; start += batchSize)
      for (const key of (await findLogged(this.parts.dataSource, wanted.slice(start, start + batchSize))).keys()) keys.add(key);
    return wanted.filter(({ key }) => keys.has(key));
  }

  async #landed(missing: readonly Seen[]): Promise<ReadonlySet<string>> {
    const { door, dataSource } = this.parts;
    if (door === null) return new Set();
    await door.settled();
    // What is older than the log moves statuses, and is in no log.
    const { horizon } = await inTransaction(dataSource, readBounds);
    const isOld = ({ occurredAt }: Seen) => occurredAt < (horizon ?? -Infinity);
    return new Set([...missing.filter(isOld), ...(await this.#logged(missing))].map(({ key }) => key));
  }

  async #countOurs(tally: Tally, period: Period, theirs: readonly Seen[], landed: ReadonlySet<string>): Promise<void> {
    const { dataSource, context, road } = this.parts;
    const agreed = new Map<string, { all: number; added: number }>();
    for (const { key, occurredAt, status } of theirs) {
      const clock = clockOf(occurredAt, context.timeZone);
      if (clock < period.from || clock >= period.to) continue;
      const id = `${dayOf(occurredAt)} ${status}`;
      const counts = agreed.get(id) ?? { all: 0, added: 0 };
      agreed.set(id, { all: counts.all + 1, added: counts.added + Number(landed.has(key)) });
    }
    for (const { day, status, count } of await countOurs(dataSource, context.source, context.timeZone, period)) {
      const { all, added } = agreed.get(`${day} ${status}`) ?? { all: 0, added: 0 };
      tally.add(day, status, 'ours', Math.max(0, count - added));
      if (road.tells(status)) tally.add(day, status, 'only_ours', Math.max(0, count - all));
    }
  }
}

const seenOf = ({ key, occurredAt, status }: Activity): Seen => ({ key, occurredAt, status });
