/** Plans follow-ups inside the batch's transaction: what is committed with the log is done, what is not, never was. */
import type { ClientBase } from 'pg';
import type { Activity } from '../activity/activity.js';
import type { PlannedActivity } from './planned-activity.js';
import { inOneGo } from '../db/in-one-go.js';
import { insertFollowUps, type PlannedFollowUp } from './sql/insert-follow-ups.js';
import { insertRefusedFollowUps, type RefusedFollowUp } from './sql/insert-refused-follow-ups.js';
import { readFlags } from './sql/read-flags.js';
import { readSnapshots } from './sql/read-snapshots.js';
import type { ContactSnapshot } from '../handlers/handler.js';
import { timeOf, type ContactRow, type Fold } from '../projection/fold.js';
import type { FollowUpPlanner, FreshActivity, PlanFollowUps, PlannedWork } from '../projection/follow-up-planner.js';
import { slicesOf } from '../db/slices.js';
import { isAboutContact, type TimeColumn } from '../projection/rules.js';
import type { Action } from './action.js';
import { followUpId } from './follow-up-id.js';
import { causes, mayTurn, turned, type Flags } from './match.js';
import { isTooOld } from './max-age.js';

/** Contacts and flags as they were before the batch. */
interface Before {
  snapshots: ReadonlyMap<string, ContactSnapshot>;
  flags: FlagsByContact;
  /** Those of which a flag may turn. */
  contacts: readonly ContactRow[];
}

/** By contact, then by media type; null stands for the contact as a whole. */
type FlagsByContact = ReadonlyMap<string, ReadonlyMap<string | null, Flags>>;

const keyOf = (source: string, contactId: number | string): string => `${source} ${contactId}`;

export class Planner implements FollowUpPlanner {
  /** What an activity must move to turn a flag that an action waits for. */
  readonly #watched: ReadonlySet<TimeColumn>;

  /** `announce` hears, after the commit, what was planned. */
  constructor(
    private readonly actions: readonly Action[],
    readonly announce: (work: PlannedWork) => void,
    private readonly refused: ReadonlyMap<string, string> = new Map<string, string>(),
  ) {
    this.#watched = new Set(actions.flatMap(({ when }) => (when.becomes === null ? [] : causes[when.becomes.turn])));
  }

  leavingOut(refused: ReadonlyMap<string, string>): Planner {
    return new Planner(this.actions, this.announce, refused);
  }

  async before(client: ClientBase, watched: readonly ContactRow[]): Promise<PlanFollowUps> {
    const before = await this.#remember(client, watched);
    return (fresh) => this.#plan(client, fresh, before);
  }

  async #remember(client: ClientBase, contacts: readonly ContactRow[]): Promise<Before | undefined> {
    if (contacts.length === 0) return undefined;
    const [known, flags] = await inOneGo([() => readSnapshots(client, contacts), () => this.#flagsOf(client, contacts)]);
    const snapshots = new Map(known.map(({ source, contact_id, snapshot }) => [keyOf(source, contact_id), snapshot]));
    return { snapshots, contacts, flags };
  }

  /** The contacts of which a flag may turn that an action waits for. */
  watched({ contacts }: Fold): ContactRow[] {
    const watched = [...this.#watched];
    if (watched.length === 0) return [];
    return contacts.filter((contact) => watched.some((column) => timeOf(contact, column) !== undefined));
  }

  /** After the log and the projections: plans what `fresh`, the activities that were new to the log, call for. */
  async #plan(client: ClientBase, brought: readonly FreshActivity[], before: Before | undefined): Promise<PlannedWork> {
    const fresh = this.refused.size === 0 ? brought : brought.filter(({ activity }) => !this.refused.has(activity.key));
    if (fresh.length < brought.length) await insertRefusedFollowUps(client, this.#refusedOf(brought));
    const after = before === undefined ? new Map() : await this.#flagsOf(client, before.contacts);
    const tooOld = new Map<string, number>();
    const planned = this.actions.flatMap((action) => {
      const young = fresh.filter(({ activity, batch }) => !isTooOld(action.when, activity, batch));
      const rows = this.#planAction(action, young, before, after);
      // Those that are too old are looked at only where there are some.
      const left = young.length === fresh.length ? 0 : this.#planAction(action, fresh, before, after).length - rows.length;
      if (left > 0) tooOld.set(action.name, left);
      return rows;
    });
    for (const slice of slicesOf(planned)) await insertFollowUps(client, slice);
    const counts = new Map<string, number>();
    for (const { action } of planned) counts.set(action, (counts.get(action) ?? 0) + 1);
    return { planned: counts, tooOld };
  }

  /** Of `becomes` too, though nobody knows whether it would have turned the flag: it is to be looked at. */
  #refusedOf(brought: readonly FreshActivity[]): RefusedFollowUp[] {
    return brought.flatMap(({ activity }) => {
      const reason = this.refused.get(activity.key);
      if (reason === undefined) return [];
      const matching = this.actions.filter(
        ({ when }) => when.matches(activity) && (when.becomes === null || mayTurn(when.becomes.turn, activity)),
      );
      return matching.map(({ name }) => ({ id: followUpId(name, activity), action: name, activity, reason }));
    });
  }

  #planAction(
    action: Action,
    fresh: readonly FreshActivity[],
    before: Before | undefined,
    after: FlagsByContact,
  ): PlannedFollowUp[] {
    const matching = fresh.map(({ activity }) => activity).filter((activity) => action.when.matches(activity));
    const { becomes } = action.when;
    if (becomes === null) return matching.map((activity) => planOf(action, activity, null));
    // However many activities turned it, the latest one of each contact (or channel) stands for all of them.
    const latest = new Map<string, Activity>();
    for (const activity of matching) {
      if (activity.contactId === null || !mayTurn(becomes.turn, activity)) continue;
      const key = keyOf(activity.source, activity.contactId);
      const [were, are] = [before?.flags.get(key), after.get(key)];
      for (const mediaType of becomes.channel ? channelsOf(activity, are) : [null]) {
        const flags = are?.get(mediaType);
        if (flags === undefined || !turned(becomes.turn, were?.get(mediaType), flags)) continue;
        const turnedKey = `${key} ${mediaType ?? ''}`;
        const other = latest.get(turnedKey);
        if (other === undefined || isLater(activity, other)) latest.set(turnedKey, activity);
      }
    }
    return [...new Set(latest.values())].map((activity) =>
      planOf(action, activity, before?.snapshots.get(keyOf(activity.source, activity.contactId ?? '')) ?? null),
    );
  }

  async #flagsOf(client: ClientBase, contacts: readonly ContactRow[]): Promise<FlagsByContact> {
    const byContact = new Map<string, Map<string | null, Flags>>();
    if (contacts.length === 0) return byContact;
    for (const { source, contact_id, media_type, ...flags } of await readFlags(client, contacts)) {
      const key = keyOf(source, contact_id);
      byContact.set(key, (byContact.get(key) ?? new Map<string | null, Flags>()).set(media_type, flags));
    }
    return byContact;
  }
}

/** The channels of which this activity may have turned a flag: what is about the contact is about all of them. */
function channelsOf(activity: Activity, flags: ReadonlyMap<string | null, Flags> | undefined): (string | null)[] {
  if (isAboutContact(activity)) return [...(flags?.keys() ?? [])].filter((mediaType) => mediaType !== null);
  return activity.mediaType === null ? [] : [activity.mediaType];
}

const isLater = (a: Activity, b: Activity): boolean =>
  a.occurredAt > b.occurredAt || (a.occurredAt === b.occurredAt && a.key > b.key);

/** What the action has to do for the activity. */
export function planOf(action: Action, activity: Activity, previous: ContactSnapshot | null): PlannedFollowUp {
  const { name, dryRun, maxPerContact } = action;
  return {
    id: followUpId(name, activity),
    action: name,
    state: dryRun ? 'dry-run' : 'waiting',
    activity: toPlanned(activity),
    previous,
    maxPerContact,
  };
}

/** The activity as handlers get it. */
export function toPlanned({ position: _position, occurredAt, ...activity }: Activity): PlannedActivity {
  return { ...activity, occurredAt: new Date(occurredAt).toISOString() };
}
