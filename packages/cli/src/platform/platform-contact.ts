/** What the platform says of one contact now, asked in three questions; what is not answered is told, and keeps nothing else from being shown. */
import { messageOf } from '@vidhuk/shared';
import type { PlatformApi } from '@vidhuk/worker/reconcile';
import { keysIn } from './read-categories.js';

export interface PlatformContact {
  /** By channel as the platform calls it: email, sms, … */
  addresses: { channel: string; address: string }[];
  /** null: not answered. */
  subscriptions: string[] | null;
  /** The latest, as the platform calls their states: one state per message. */
  messages: { at: string; channel: string; status: string; name: string }[];
  /** What was not answered, and why. */
  problems: string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const records = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** Messages that are asked for. */
const mostMessages = 10;
const daysBack = 30;
const dayMs = 86_400_000;

export async function readPlatformContact(api: PlatformApi, contactId: number): Promise<PlatformContact> {
  const problems: string[] = [];
  const ask = async (path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    try {
      return await api.get(path, query);
    } catch (error) {
      problems.push(`${path}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const contact = await ask(`v1/contact/${contactId}`);
  const subscriptions = await ask(`v1/contact/${contactId}/subscriptions`);
  const messages = await ask('v2/contacts/messages', {
    contactId: String(contactId),
    dateFrom: new Date(Date.now() - daysBack * dayMs).toISOString().slice(0, 19),
    dateTo: new Date().toISOString().slice(0, 19),
    maxrows: String(mostMessages),
  });
  return {
    addresses: addressesOf(contact),
    subscriptions:
      subscriptions === undefined ? null : keysIn(isRecord(subscriptions) ? subscriptions.subscriptions : subscriptions),
    messages: messagesOf(messages),
    problems,
  };
}

/** `{channels: [{type, value}]}`; web push has several. */
const addressesOf = (contact: unknown): PlatformContact['addresses'] =>
  records(isRecord(contact) ? contact.channels : undefined)
    .map(({ type, value }) => ({ channel: text(type).toLowerCase(), address: text(value) }))
    .filter(({ address }) => address !== '');

const messagesOf = (answer: unknown): PlatformContact['messages'] =>
  records(isRecord(answer) ? (answer.messages ?? answer.results) : answer)
    .slice(0, mostMessages)
    .map((message) => ({
      at: text(message.activityDateTime ?? message.dateTime ?? message.date),
      channel: text(message.mediaType ?? message.channel).toLowerCase(),
      status: text(message.status ?? message.activityStatus),
      name: text(message.messageName ?? message.name),
    }));
