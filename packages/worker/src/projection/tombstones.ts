/**
 * Who was erased and must not come back: HMACs of ids and addresses, as the table `erased` has them. Whatever brings activities goes through here, so neither
 * a late webhook nor a retry, an import or a rebuild brings a person back.
 */
import { createHmac } from 'node:crypto';
import { ConfigurationError } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { Rejection } from '../activity/activity.js';
import { elementSpans, replaceElements } from '../activity/element-spans.js';
import { eraseElements } from '../activity/erase-elements.js';
import { anonymise, stubOf } from '../activity/erased-element.js';
import { decode, storable } from '../activity/parse-batch.js';
import { isAbout, names, type People } from '../activity/people.js';
import type { Batch } from './batch.js';
import { holdBounds, readBounds, readTombstones, type Bounds, type TombstoneKind } from './sql/tombstones.js';

/** In characters of ERASE_KEY. */
const shortestKey = 32;

export const keyProblem = (key: string | undefined): string | undefined =>
  key === undefined
    ? 'ERASE_KEY is not set: it makes the tombstones that keep an erased person from coming back. Set it, for every worker, to a random text of 32 characters or more, and keep it for good'
    : key.length < shortestKey
      ? `ERASE_KEY has ${key.length} characters: use ${shortestKey} or more, at random`
      : undefined;

/** What stands in the table for an id or an address. */
export const tombstoneHash = (key: string, source: string, kind: TombstoneKind, text: string): Buffer =>
  createHmac('sha256', key)
    .update(JSON.stringify([source, kind, text]))
    .digest();

/** The same for every tombstone that one key made; tells nothing of the key. */
export const keyCheckOf = (key: string): Buffer => createHmac('sha256', key).update('vidhuk').digest().subarray(0, 8);

/** Somebody was erased, or the horizon of the log has moved, since this process last looked: the transaction is to begin again. */
export class NewTombstones extends Error {
  override readonly name = 'NewTombstones';
}

export class Tombstones {
  /** What this process knows of them; another object once it has learnt of more. */
  known: KnownTombstones;

  /** `key`: ERASE_KEY; without it nothing can be applied to a database in which somebody was erased. */
  constructor(private readonly key?: string) {
    this.known = new KnownTombstones({ latest: '0', horizon: null }, new Set(), key);
  }

  /** As of now: learns of those that came since. Until the end of the transaction nobody is erased. */
  async upToDate(client: ClientBase): Promise<KnownTombstones> {
    if (!(await this.known.isLatest(client))) await this.load(client);
    return this.known;
  }

  /** Learns them anew. Throws a {@link ConfigurationError} where there are some and the key is not theirs. */
  async load(client: Pick<ClientBase, 'query'>): Promise<void> {
    const { horizon } = await readBounds(client);
    const rows = await readTombstones(client);
    if (rows.length > 0) {
      const problem = keyProblem(this.key);
      if (this.key === undefined || problem !== undefined)
        throw new ConfigurationError([`people were erased from this database, and ${problem ?? 'ERASE_KEY is missing'}`]);
      const check = keyCheckOf(this.key);
      if (rows.some(({ key_check }) => !check.equals(key_check)))
        throw new ConfigurationError([
          'ERASE_KEY is not the one by which people were erased from this database: with another one they would come back',
        ]);
    }
    const hashes = new Set(rows.map(({ hash }) => hash.toString('base64')));
    this.known = new KnownTombstones({ latest: rows.at(-1)?.id ?? '0', horizon }, hashes, this.key);
  }
}

/** Those up to some moment. A transaction holds to the very ones by which its batches were buried, whatever its process has learnt meanwhile. */
export class KnownTombstones {
  /** `latest`: id of the latest one, as PostgreSQL gives it. */
  constructor(
    private readonly bounds: Bounds,
    private readonly hashes: ReadonlySet<string>,
    private readonly key: string | undefined,
  ) {}

  /** Where the log begins, ms since 1970; null: it goes back for ever. */
  get horizon(): number | null {
    return this.bounds.horizon;
  }

  /** Part of each transaction that brings activities; rejects with {@link NewTombstones}. Until the commit nobody is erased. Sends all at once. */
  async hold(client: ClientBase): Promise<void> {
    if (!(await this.isLatest(client))) throw new NewTombstones('somebody was erased meanwhile, or months of the log went');
  }

  /** Whether none came since, and the horizon is where it was; until the end of the transaction that stays so. Sends all at once. */
  async isLatest(client: ClientBase): Promise<boolean> {
    const { latest, horizon } = await holdBounds(client);
    return latest === this.bounds.latest && horizon === this.bounds.horizon;
  }

  /** The batch without erased people, its body too; the very same batch where it has none. */
  bury(batch: Batch): Batch {
    if (this.hashes.size === 0) return batch;
    const people = this.peopleOf(batch.source);
    const spans = lazy(() => elementSpans(batch.body));
    const textAt = (position: number) => {
      const { start = 0, end = 0 } = spans()[position] ?? {};
      return decode(batch.body.subarray(start, end));
    };
    const gone = batch.activities.filter((activity) => isAbout(people, activity, () => textAt(activity.position)));
    const broken = batch.rejections.filter((rejection) => isAboutRejected(people, rejection));
    if (gone.length === 0 && broken.length === 0) return batch;
    const whole = broken.find(({ reason }) => reason === 'not-json' || reason === 'too-many-elements');
    if (whole !== undefined) return withoutIn(batch, whole, people);
    const stubs = new Map<number, string>(broken.map(({ position }) => [position, stubOf('', undefined)]));
    for (const activity of gone) {
      const text = textAt(activity.position);
      if (text !== '') stubs.set(activity.position, stubOf(text, activity));
    }
    return {
      ...batch,
      body: replaceElements(batch.body, stubs),
      activities: batch.activities.filter((activity) => !gone.includes(activity)),
      rejections: batch.rejections.filter((rejection) => !broken.includes(rejection)),
      erased: [...(batch.erased ?? []), ...gone.map(anonymise)],
    };
  }

  /** Those of `source`; what was asked once is remembered. */
  peopleOf(source: string): People {
    const { key = '' } = this;
    const known = new Map<string, boolean>();
    const has = (kind: TombstoneKind, text: string): boolean => {
      const name = `${kind} ${text}`;
      let answer = known.get(name);
      if (answer === undefined)
        known.set(name, (answer = this.hashes.has(tombstoneHash(key, source, kind, text).toString('base64'))));
      return answer;
    };
    return { hasContact: (id) => has('contact', String(id)), hasAddress: (address) => has('address', address) };
  }
}

const isAboutRejected = (people: People, { contactId, raw }: Rejection): boolean =>
  contactId === null ? names(people, raw) : people.hasContact(contactId);

/** A body that could not be taken apart: what is between its commas is looked at one by one. */
function withoutIn(batch: Batch, rejection: Rejection, people: People): Batch {
  const erased = eraseElements(batch.body, { source: batch.source, timeZone: 'UTC' }, people);
  const body = erased?.body ?? Buffer.from(stubOf('', undefined));
  return { ...batch, body, rejections: [{ ...rejection, detail: rejection.reason, raw: storable(decode(body)) }] };
}

function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
