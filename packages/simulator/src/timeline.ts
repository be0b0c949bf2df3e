/** The platform at work: messages are sent over a span of time and live side by side; their activities come out roughly in order of time. */
import { Campaigns } from './campaign.js';
import { contactAt } from './contact.js';
import { DueHeap } from './due-heap.js';
import { planLifeCycle, type Step } from './life-cycle.js';
import { createMessage, type Message, toWire } from './message.js';
import { Random } from './random.js';
import type { WireActivity } from './wire-activity.js';

/** Messages whose life goes on at one time: bounds the memory. When it is reached, what is due next happens early. */
const LIVING_MESSAGES = 4096;

/** What `simulateActivities` needs; times are epoch seconds. */
export interface TimelineOptions {
  /** The seed of everything: two worlds share nothing. */
  world: number;
  contacts: number;
  /** Over how many activities the span is stretched; the iterator itself never ends. */
  activities: number;
  fromSeconds: number;
  spanSeconds: number;
}

interface Life {
  message: Message;
  contactIndex: number;
  campaign: ReturnType<Campaigns['next']>;
  steps: Step[];
  position: number;
}

/** Sound activities without end, one at a time, in constant memory. */
export function* simulateActivities({
  world,
  contacts,
  activities,
  fromSeconds,
  spanSeconds,
}: TimelineOptions): Generator<WireActivity, never> {
  const random = new Random(world, 0xac71);
  const campaigns = new Campaigns(random);
  const living = new DueHeap<Life>();
  const halfTime = fromSeconds + spanSeconds / 2;
  let serial = 0;

  const send = (campaign: Life['campaign'], contactIndex: number, sentAt: number): Message =>
    createMessage(
      { campaign, contact: contactAt(world, contactIndex), sentAt, serial: serial++, later: sentAt >= halfTime },
      random,
    );

  const startLife = (now: number): Life => {
    const campaign = campaigns.next();
    // Squared: some people get many more messages than others.
    const contactIndex = Math.floor(contacts * random.fraction() ** 2);
    return {
      message: send(campaign, contactIndex, now),
      contactIndex,
      campaign,
      steps: planLifeCycle(campaign.mediaType, random),
      position: 0,
    };
  };

  for (let made = 0; ; made++) {
    const now = fromSeconds + Math.floor(spanSeconds * Math.min(1, made / activities));
    let due = living.firstAt <= now ? living.pop() : undefined;
    if (!due && living.size >= LIVING_MESSAGES) {
      due = living.pop();
      if (due) due.at = Math.max(now, lastOf(due) + 1);
    }
    const life = due?.value ?? startLife(now);
    const at = due?.at ?? now;
    const step = life.steps[life.position];
    if (!step) throw new Error('a message without a step was scheduled');
    if (step.asNewMessage) life.message = send(life.campaign, life.contactIndex, at);
    const next = life.steps[++life.position];
    if (next) living.push(at + next.afterSeconds, life);
    yield toWire(life.message, step, at);
  }
}

/** When the step before the one that is due took place (epoch seconds). */
function lastOf({ at, value }: { at: number; value: Life }): number {
  return at - (value.steps[value.position]?.afterSeconds ?? 0);
}
