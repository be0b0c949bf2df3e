/** One event, validated, normalised and identified as Vidhuk does it. */
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { parseLocalTime } from '../../../packages/worker/src/activity/local-time.js';
import { normalise, normaliseStatus, readSubscriptions } from '../../../packages/worker/src/activity/normalise.js';
import { readWireActivity } from '../../../packages/worker/src/activity/wire-activity.js';
import type { WebhookEvent } from './alternative.js';

const context = { source: 'main', timeZone: 'UTC' };

/** Throws for an event that is not sound: there is no quarantine here. */
export function readActivity(event: WebhookEvent): Activity {
  const wire = readWireActivity(event);
  if (typeof wire === 'string') throw new Error(`not an activity: ${wire}`);
  const occurredAt = parseLocalTime(wire.activityDateTime, context.timeZone);
  const subscriptions = normaliseStatus(wire.activityStatus) === 'SUBSCRIPTION_CHANGED' ? readSubscriptions(event) : null;
  if (occurredAt === undefined || subscriptions === 'invalid') throw new Error(`not an activity: ${JSON.stringify(event)}`);
  return normalise(event, wire, subscriptions, {
    source: context.source,
    position: 0,
    occurredAt,
    wallClock: wire.activityDateTime,
  });
}
