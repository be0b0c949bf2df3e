/** What happened at the platform, of which every road tells a part: seeded, as the webhook would write it, in order of time. */
import { simulateActivities } from '../../../packages/simulator/src/timeline.js';

export interface TrueActivity {
  activityDateTime: string;
  activityStatus: string;
  mediaType: string;
  iid?: string;
  contactId?: number;
  hardBounce?: boolean;
  clickEventLink?: string;
  statusDescription?: string;
  [field: string]: unknown;
}

export interface TruthOptions {
  seed: number;
  activities: number;
  contacts?: number;
  from?: Date;
  days?: number;
}

/** Activities without iid only where `anonymous` is asked for. */
export function makeTruth({
  seed,
  activities,
  contacts = 200,
  from = new Date('2026-03-01T00:00:00Z'),
  days = 2,
}: TruthOptions): TrueActivity[] {
  const options = { world: seed, contacts, activities, fromSeconds: from.getTime() / 1_000, spanSeconds: days * 86_400 };
  const source = simulateActivities(options);
  const all = Array.from({ length: activities }, () => JSON.parse(JSON.stringify(source.next().value)) as TrueActivity);
  return all.sort((a, b) => (a.activityDateTime < b.activityDateTime ? -1 : Number(a.activityDateTime > b.activityDateTime)));
}

const told = new Set(['DELIVERED', 'UNDELIVERED', 'READ', 'OPENED', 'RECEIVED', 'CLICKED', 'UNSUBSCRIBED', 'SPAM']);

/** Whether the API and the export tell of it at all. */
export const isTold = ({ activityStatus }: TrueActivity): boolean => told.has(activityStatus);
