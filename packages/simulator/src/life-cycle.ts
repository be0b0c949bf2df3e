/** What happens to one message after it was sent: planned as a short list of steps, each some seconds after the one before. */
import { type Bounce, bounceOn } from './bounce.js';
import type { Random } from './random.js';
import type { WireSubscriptions } from './wire-activity.js';

/** One coming activity of a message. */
export interface Step extends Partial<Bounce> {
  status: string;
  /** Seconds after the step before, at least 1: two activities of one message never share status and second. */
  afterSeconds: number;
  clickEventLink?: string;
  /** Goes into `statusData`. */
  statusData?: WireSubscriptions;
  /** Goes beside `activityStatus`, where some vendor pages put the subscriptions. */
  topLevel?: WireSubscriptions;
  /** The step is a new attempt: another message to the same contact on the same channel, once a block is over. */
  asNewMessage?: true;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const READ_NAMES = ['READ', 'READ', 'READ', 'READ', 'READ', 'READ', 'READ', 'READ', 'OPENED', 'RECEIVED'] as const;
const UNKNOWN_STATUSES = ['CONVERTED', 'HELD', 'AMP_INTERACTED'] as const;
const SUBSCRIPTION_KEYS = ['news', 'sales', 'digest', 'price-drop', 'Новини'] as const;
const LINKS = [
  'https://shop.example.com/',
  'https://shop.example.com/sale?utm_source=esputnik&utm_medium=email',
  'https://shop.example.com/p/12345?utm_campaign=літо',
  'https://shop.example.com/cart',
] as const;
/** Days that blocks last: the first, second, third and later hard bounces (the vendor's page on the blacklist). */
const BLOCK_DAYS = [1, 2, 3, 90] as const;

/** The steps of one message on the given channel; shares are rough figures of the trade, chosen so that every status occurs. */
export function planLifeCycle(mediaType: string, random: Random): Step[] {
  if (mediaType === 'widget' || mediaType === 'inapp') return planOnSite(random);
  const steps: Step[] = [];
  if (mediaType === 'mobilepush') steps.push({ status: 'SENT', afterSeconds: 1 });
  if (random.chance(0.06)) return [...steps, ...planFailure(mediaType, random)];
  steps.push({ status: 'DELIVERED', afterSeconds: random.delay(20) });
  if (random.chance(0.01)) {
    // The vendor's bulk sample: delivered, and four seconds later undelivered, under one iid.
    return [...steps, { status: 'UNDELIVERED', afterSeconds: 4, ...bounceOn(mediaType, random) }];
  }
  if (random.chance(0.4)) steps.push(...planInterest(random));
  if (random.chance(0.005)) steps.push({ status: random.pick(UNKNOWN_STATUSES), afterSeconds: random.delay(HOUR) });
  return steps;
}

function planFailure(mediaType: string, random: Random): Step[] {
  const bounce = bounceOn(mediaType, random);
  const failed: Step = { status: 'UNDELIVERED', afterSeconds: random.delay(30), ...bounce };
  if (!bounce.hardBounce || random.chance(0.6)) return [failed];
  const block = random.pick(BLOCK_DAYS) * DAY;
  return [failed, { status: 'DELIVERED', afterSeconds: block + random.delay(HOUR), asNewMessage: true }];
}

function planInterest(random: Random): Step[] {
  const steps: Step[] = [];
  do steps.push({ status: random.pick(READ_NAMES), afterSeconds: random.delay(4 * HOUR) });
  while (random.chance(0.3));
  while (random.chance(0.25))
    steps.push({ status: 'CLICKED', afterSeconds: random.delay(5 * MINUTE), clickEventLink: random.pick(LINKS) });
  if (random.chance(0.02)) steps.push({ status: 'UNSUBSCRIBED', afterSeconds: random.delay(2 * MINUTE) });
  if (random.chance(0.01)) steps.push({ status: 'SPAM', afterSeconds: random.delay(2 * MINUTE) });
  if (random.chance(0.03)) steps.push(planSubscriptions(random));
  return steps;
}

/** Widgets and in-app messages are shown, not sent: the first thing known is a view. */
function planOnSite(random: Random): Step[] {
  const steps: Step[] = [{ status: random.pick(READ_NAMES), afterSeconds: 1 }];
  if (random.chance(0.2))
    steps.push({ status: 'CLICKED', afterSeconds: random.delay(MINUTE), clickEventLink: random.pick(LINKS) });
  if (random.chance(0.1)) steps.push(planSubscriptions(random));
  if (random.chance(0.05)) steps.push({ status: 'CONVERTED', afterSeconds: random.delay(HOUR) });
  return steps;
}

function planSubscriptions(random: Random): Step {
  const keys = random.chance(0.3) ? [] : SUBSCRIPTION_KEYS.filter(() => random.chance(0.4));
  const step: Step = { status: 'SUBSCRIPTION_CHANGED', afterSeconds: random.delay(3 * MINUTE) };
  switch (random.integer(0, 5)) {
    case 0:
      return { ...step, topLevel: { subscripton: { subscriptons: keys } } };
    case 1:
      return { ...step, topLevel: { subscriptons: keys } };
    case 2:
      return { ...step, statusData: { subscripton: { subscriptons: keys } } };
    case 3:
      return { ...step, statusData: { subscriptions: keys } };
    default:
      return { ...step, statusData: { subscription: { subscriptions: keys } } };
  }
}
