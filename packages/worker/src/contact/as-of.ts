/** What was so of a contact at some time, and what could have been known of it by then: the log up to there, folded as the projections are. */
import type { DataSource } from 'typeorm';
import type { Activity } from '../activity/activity.js';
import { LoggedActivityEntity, type LoggedActivity } from '../db/entities/logged-activity.js';
import { HorizonEntity } from '../db/entities/horizon.js';
import { readFloors } from '../projection/sql/read-floors.js';
import { foldStatus } from './fold-status.js';
import type { KnownContact } from './read-contact.js';
import { readElements } from './sql/read-elements.js';
import { readOptIn } from './sql/read-opt-in.js';

export interface Moment {
  /** What happened later counts for nothing. */
  asOf: Date;
  /** What was received later counts for nothing either; null: all that is known today. */
  knownAt: Date | null;
}

/** What was so then cannot be told any more. */
class BelowHorizon extends Error {
  override readonly name = 'BelowHorizon';

  constructor(readonly horizon: Date) {
    super(
      `the log begins at ${horizon.toISOString()} (retention.log): of the time before it only the latest of each is known, so ask for a later time`,
    );
  }
}

/** Names and addresses are looked for in the bodies of so many activities, the latest ones: each costs the reading of a whole body. */
const namedActivities = 100;

/**
 * The contact as it was, with its latest `limit` activities up to then; null where none had happened, or was known. By the rules and the `optIn` of today.
 * An activity counts as known from the batch that brought it first on; what is no longer in the log, as known at any time that may be asked for. Throws
 * {@link BelowHorizon}.
 */
export async function readContactAsOf(
  dataSource: DataSource,
  key: { source: string; contactId: number },
  moment: Moment,
  limit: number,
): Promise<KnownContact | null> {
  const horizon = await readHorizon(dataSource);
  if (horizon !== null && Math.min(moment.asOf.getTime(), moment.knownAt?.getTime() ?? Infinity) < horizon.getTime())
    throw new BelowHorizon(horizon);
  const floors = await readFloors(dataSource, key, moment.asOf.getTime());
  const history = await readHistory(dataSource, key, moment);
  const latest = history.slice(0, namedActivities);
  // What another batch told later, the log knows as well: of what the first one has told, only the body does.
  const suspects = moment.knownAt === null ? [] : history.slice(namedActivities).filter(({ hardBounce }) => hardBounce);
  const elements = await readElements(dataSource, [...latest, ...suspects]);
  const activities = history.map((row) => toActivity(row, elements.get(row.activityKey), moment));
  const folded = foldStatus(activities, await readOptIn(dataSource, key.source), floors);
  if (folded === undefined) return null;
  const shown = history.slice(0, limit);
  return {
    ...folded,
    activities: shown.map((row) => ({ ...row, messageName: elements.get(row.activityKey)?.messageName ?? null })),
    followUps: null,
    quarantined: null,
    alsoKnownAs: [],
  };
}

async function readHorizon(dataSource: DataSource): Promise<Date | null> {
  const [row] = await dataSource.getRepository(HorizonEntity).find();
  return row?.logFrom ?? null;
}

/** Latest first. */
function readHistory(
  dataSource: DataSource,
  key: { source: string; contactId: number },
  { asOf, knownAt }: Moment,
): Promise<LoggedActivity[]> {
  const query = dataSource
    .getRepository(LoggedActivityEntity)
    .createQueryBuilder('a')
    .where('a.source = :source and a.contactId = :contactId and a.occurredAt <= :asOf', { ...key, asOf })
    .orderBy('a.occurredAt', 'DESC')
    .addOrderBy('a.activityKey');
  if (knownAt !== null)
    query.andWhere('exists (select from vidhuk.batch b where b.id = a.batch_id and b.received_at <= :knownAt)', { knownAt });
  return query.getMany();
}

/** As the fold takes it: the log's row has all that moves a time, the element has names and addresses beside that. */
function toActivity(row: LoggedActivity, element: Activity | undefined, { knownAt }: Moment): Activity {
  const { activityKey, identityVersion: _, batchId: _batch, occurredAt, ...logged } = row;
  const named = {
    address: element?.address ?? null,
    email: element?.email ?? null,
    phone: element?.phone ?? null,
    externalCustomerId: element?.externalCustomerId ?? null,
    messageName: element?.messageName ?? null,
    messageTags: element?.messageTags ?? [],
  };
  const hardBounce = knownAt === null || element === undefined ? row.hardBounce : element.hardBounce;
  return { ...logged, ...named, hardBounce, key: activityKey, occurredAt: occurredAt.getTime() };
}
