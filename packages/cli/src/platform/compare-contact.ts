/** Where the platform and we differ about a contact. Who is right nobody knows: imports and people change things there without an activity. Pure. */
import type { KnownContact } from '@vidhuk/worker/contact';
import type { PlatformContact } from './platform-contact.js';

export interface Comparison {
  what: string;
  theirs: string;
  ours: string;
  differs: boolean;
}

const listed = (items: readonly string[]): string => [...items].sort().join(', ') || 'none';
const digits = (phone: string): string => phone.replace(/\D/g, '');
const fold = (channel: string, address: string): string => (channel === 'sms' ? digits(address) : address.toLowerCase());

export function compareContact({ contact }: Pick<KnownContact, 'contact'>, theirs: PlatformContact): Comparison[] {
  const addressOf = (channel: string) => theirs.addresses.find((each) => each.channel === channel)?.address ?? null;
  const compareAddress = (what: string, channel: string, ours: string | null): Comparison => {
    const address = addressOf(channel);
    return {
      what,
      theirs: address ?? 'none',
      ours: ours ?? 'none',
      differs: address !== null && (ours === null || fold(channel, address) !== fold(channel, ours)),
    };
  };
  return [
    compareAddress('e-mail', 'email', contact.email),
    compareAddress('phone', 'sms', contact.phone),
    ...(theirs.subscriptions === null
      ? []
      : [
          {
            what: 'subscriptions',
            theirs: listed(theirs.subscriptions),
            ours: contact.subscriptions === null ? 'not known' : listed(contact.subscriptions),
            differs: contact.subscriptions !== null && listed(theirs.subscriptions) !== listed(contact.subscriptions),
          },
        ]),
  ];
}
