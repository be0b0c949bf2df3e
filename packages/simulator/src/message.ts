/** One message to one contact, and how an activity of it looks on the wire. */
import type { Campaign } from './campaign.js';
import { type Contact, pushTokenOf } from './contact.js';
import type { Step } from './life-cycle.js';
import type { Random } from './random.js';
import { uuidV1, uuidV4 } from './uuid.js';
import { wireDateTime, type WireActivity } from './wire-activity.js';

/** The activity without what its step adds; kept while the message lives. */
export type Message = Omit<WireActivity, 'activityStatus' | 'activityDateTime' | 'statusData'>;

/** Spellings met in the vendor's documents beside the plain one. */
const OTHER_SPELLINGS: Partial<Record<string, string>> = {
  webpush: 'Web Push',
  mobilepush: 'Mobile Push',
  inapp: 'In-App',
  telegrambot: 'Telegram',
};

/**
 * A message of `campaign` to `contact`, sent at `sentAt` (epoch seconds). `serial` is unique in the run; it stands in for the
 * instance where the iid is missing, so that such messages keep an identity of their own. `later`: the contact uses its later e-mail.
 */
export function createMessage(
  {
    campaign,
    contact,
    sentAt,
    serial,
    later,
  }: { campaign: Campaign; contact: Contact; sentAt: number; serial: number; later: boolean },
  random: Random,
): Message {
  const { mediaType, workflow } = campaign;
  const anonymous = mediaType === 'widget' && random.chance(0.5);
  const withoutIid = !anonymous && random.chance(0.01);
  return {
    broadcastId: campaign.broadcastId,
    messageName: campaign.messageName,
    workflowId: workflow?.id,
    workflowBlockId: workflow?.blockId,
    sourceEventKey: workflow && uuidV4(random),
    sourceEventTypeKey: workflow?.eventTypeKey,
    workflowInstanceId: workflow && uuidV1(random, sentAt),
    hardBounce: undefined,
    iid: withoutIid ? undefined : workflow ? uuidV1(random, sentAt) : uuidV4(random),
    contactId: anonymous ? undefined : contact.contactId,
    externalCustomerId: anonymous ? undefined : contact.externalCustomerId,
    ...(anonymous ? undefined : addressOf(mediaType, contact, later, random)),
    mediaType: random.chance(0.02) ? (OTHER_SPELLINGS[mediaType] ?? mediaType) : mediaType,
    messageId: campaign.messageId,
    messageInstanceId: withoutIid ? 5_000_000 + serial : campaign.messageInstanceId,
    messageTag: campaign.messageTag,
    viewMessageLink: mediaType === 'email' ? `https://u51739.example.com/${random.alphanumeric(12)}` : undefined,
    messageLanguageCode: random.chance(0.3) ? contact.languageCode : undefined,
    osName: mediaType === 'mobilepush' && random.chance(0.5) ? 'Android' : undefined,
    abTestVariant: random.chance(0.01) ? random.pick(['A', 'B']) : undefined,
    conversion: random.chance(0.003) ? { value: random.integer(1, 99_999) / 100, currency: 'UAH' } : undefined,
  };
}

/** The key under which the channel's address travels: on Viber it is mostly `sms`, as in the vendor's sample. */
function addressOf(mediaType: string, contact: Contact, later: boolean, random: Random): Partial<WireActivity> {
  switch (mediaType) {
    case 'email':
      return { email: later ? contact.laterEmail : contact.email };
    case 'sms':
      return { sms: contact.phone };
    case 'viber':
      return random.chance(0.9) ? { sms: contact.phone } : { viber: contact.phone };
    case 'webpush':
      return { webpush: pushTokenOf(contact, 'webpush') };
    case 'mobilepush':
      return { mobilepush: pushTokenOf(contact, 'mobilepush') };
    default:
      return {};
  }
}

/** The activity of `message` that `step` describes, at `at` (epoch seconds); keys stand in the vendor's order. */
export function toWire(message: Message, step: Step, at: number): WireActivity {
  return {
    broadcastId: message.broadcastId,
    messageName: message.messageName,
    workflowId: message.workflowId,
    workflowBlockId: message.workflowBlockId,
    sourceEventKey: message.sourceEventKey,
    sourceEventTypeKey: message.sourceEventTypeKey,
    workflowInstanceId: message.workflowInstanceId,
    hardBounce: step.hardBounce,
    iid: message.iid,
    contactId: message.contactId,
    externalCustomerId: message.externalCustomerId,
    email: message.email,
    sms: message.sms,
    viber: message.viber,
    webpush: message.webpush,
    mobilepush: message.mobilepush,
    mediaType: message.mediaType,
    activityStatus: step.status,
    messageId: message.messageId,
    messageInstanceId: message.messageInstanceId,
    messageTag: message.messageTag,
    activityDateTime: wireDateTime(at),
    clickEventLink: step.clickEventLink,
    statusDescription: step.statusDescription,
    viewMessageLink: message.viewMessageLink,
    statusData: step.statusData ?? {},
    ...step.topLevel,
    messageLanguageCode: message.messageLanguageCode,
    osName: message.osName,
    abTestVariant: message.abTestVariant,
    conversion: message.conversion,
  };
}
