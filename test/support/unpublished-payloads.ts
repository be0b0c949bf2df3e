/**
 * Activities of channels of which the platform publishes no payload (widgets, in-app, App Inbox, pushes, Telegram), made up of what its guides and exports
 * say of them. All of them are sound, and no two are the same.
 */
type Element = Readonly<Record<string, unknown>>;

const day = '2026-03-10';
const at = (time: string): string => `${day}T${time}`;
const popup = { mediaType: 'Widget', messageId: 700, messageName: 'Spring popup' };

/** Two of them happen in one second and name nobody. */
const views: readonly Element[] = [
  { ...popup, activityStatus: 'READ', activityDateTime: at('08:00:00'), osName: 'Android' },
  { ...popup, activityStatus: 'READ', activityDateTime: at('08:00:00'), osName: 'iOS' },
  { ...popup, activityStatus: 'OPENED', activityDateTime: at('08:00:01'), contactId: 5, iid: 'w1' },
  { ...popup, activityStatus: 'RECEIVED', activityDateTime: at('08:00:02'), contactId: 5, iid: 'w2' },
  { ...popup, activityStatus: 'READ', activityDateTime: at('08:00:03'), webpush: 'token-of-a-browser' },
  { ...popup, activityStatus: 'READ', activityDateTime: at('08:00:04'), email: 'Viewer@Example.com' },
  { ...popup, activityStatus: 'READ', activityDateTime: at('08:00:05'), email: 'viewer@example.com' },
  { ...popup, activityStatus: 'READ', activityDateTime: at('08:00:06'), iid: 'w3' },
];

/** An address, but not always a contact. */
const forms: readonly Element[] = [
  { ...popup, activityStatus: 'SUBSCRIBED', activityDateTime: at('08:01:00'), email: 'new@example.com' },
  { ...popup, activityStatus: 'FORM_SENT', activityDateTime: at('08:01:01'), sms: '380501234567' },
  { ...popup, activityStatus: 'SUBSCRIBED', activityDateTime: at('08:01:02'), email: 'known@example.com', contactId: 6 },
  { ...popup, activityStatus: 'CLICKED', activityDateTime: at('08:01:03'), contactId: 5, clickEventLink: 'https://example.com/' },
  { ...popup, activityStatus: 'DELIVERED', activityDateTime: at('07:59:59'), contactId: 5, iid: 'w1' },
];

/** "Mark all read" of App Inbox. */
const burst: readonly Element[] = [1, 2, 3, 4, 5].map((nth) => ({
  mediaType: 'App Inbox',
  activityStatus: 'READ',
  activityDateTime: at('09:00:00'),
  contactId: 7,
  iid: `inbox-${nth}`,
  messageId: 710 + nth,
}));

/** Codes where other channels have words, and they blacklist nobody. */
const failures: readonly Element[] = [
  ['Telegram', 'FAILED', 'BOT_SEND_ERROR'],
  ['telegrambot', 'UNDELIVERED', 'CHANNEL_WAS_MUTED'],
  ['Viber', 'UNDELIVERED', 'EXPIRED'],
  ['SMS', 'FAILED', 'NO_MONEY'],
  ['Mobile Push', 'UNDELIVERED', 'MOB_PUSH_GENERAL_ERROR'],
  ['mobile_push', 'FAILED', 'InvalidProviderToken'],
  ['mobilepush', 'UNDELIVERED', 'badDeviceToken'],
  ['In-App', 'FAILED', null],
].map(([mediaType, activityStatus, statusDescription], nth) => ({
  mediaType,
  activityStatus,
  statusDescription,
  activityDateTime: at('10:00:00'),
  contactId: 20 + nth,
  iid: `failure-${nth}`,
}));

/** The device's clock: the push was opened hours before it was delivered, or long before anybody was told of it. */
const pushes: readonly Element[] = [
  {
    mediaType: 'Web Push',
    activityStatus: 'PUSH_SUBSCRIBED',
    activityDateTime: at('11:00:00'),
    contactId: 8,
    webpush: 'token-8',
  },
  { mediaType: 'Web Push', activityStatus: 'PUSH_SUBSCRIBED', activityDateTime: at('11:00:00'), webpush: 'token-of-nobody' },
  {
    mediaType: 'Mobile Push',
    activityStatus: 'SENT',
    activityDateTime: at('11:30:00'),
    contactId: 9,
    iid: 'p1',
    mobilepush: 'token-9',
  },
  {
    mediaType: 'Mobile Push',
    activityStatus: 'DELIVERED',
    activityDateTime: at('06:10:00'),
    contactId: 9,
    iid: 'p1',
    mobilepush: 'token-9',
  },
  {
    mediaType: 'Mobile Push',
    activityStatus: 'READ',
    activityDateTime: at('05:55:00'),
    contactId: 9,
    iid: 'p1',
    mobilepush: 'token-9',
  },
];

/** As documents, exports and the wire spell them, by what is kept. */
export const spellings: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'Email', 'E-mail', 'EMAIL'],
  sms: ['sms', 'SMS'],
  viber: ['viber', 'Viber'],
  webpush: ['webpush', 'Web Push', 'web_push', 'WebPush', 'web-push', 'WEB_PUSH'],
  mobilepush: ['mobilepush', 'Mobile Push', 'mobile_push', 'MobilePush', 'MOBILE_PUSH'],
  appinbox: ['appinbox', 'App Inbox', 'app_inbox', 'AppInbox', 'App-Inbox'],
  inapp: ['inapp', 'In-App', 'In App', 'in_app', 'InApp'],
  widget: ['widget', 'Widget', 'WIDGET'],
  telegrambot: ['telegrambot', 'Telegram', 'telegram', 'Telegram Bot', 'telegram_bot', 'TelegramBot'],
};

const spelt: readonly Element[] = Object.values(spellings)
  .flat()
  .map((mediaType, nth) => ({
    mediaType,
    activityStatus: 'READ',
    activityDateTime: at('12:00:00'),
    contactId: 100 + nth,
    iid: `spelling-${nth}`,
    messageId: 900,
  }));

export const unpublishedPayloads: readonly Element[] = [...views, ...forms, ...burst, ...failures, ...pushes, ...spelt];

/** The same activities as another sender may put them: other order of elements and keys, nothing as null. */
export const otherwisePut = (elements: readonly Element[]): Element[] =>
  elements.toReversed().map((element) => Object.fromEntries([...Object.entries(element).reverse(), ['viewMessageLink', null]]));
