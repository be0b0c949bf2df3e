/** The simulated population: any contact can be worked out from its number alone, so a million of them cost no memory. */
import { mix32, Random } from './random.js';
import { uuidV4 } from './uuid.js';

/** One person on the platform. Addresses use reserved domains and an operator code that does not exist: nobody real is named. */
export interface Contact {
  /** Up to 2^44: beyond 32 bits, as the vendor's int64 allows, and far within the safe integers. */
  contactId: number;
  /** The customer's own id: a UUID or all digits, as in the samples; many contacts have none. */
  externalCustomerId: string | undefined;
  email: string;
  /** The address after the contact changed it; the same as `email` for most. */
  laterEmail: string;
  phone: string;
  languageCode: string | undefined;
}

const FIRST_NAMES = ['olena', 'andrii', 'iryna', 'taras', 'oksana', 'bohdan', 'maria', 'dmytro', 'solomiia', 'yurii'] as const;
const LAST_NAMES = ['shevchenko', 'koval', 'bondar', 'tkachuk', 'melnyk', 'kravets', 'lysenko', 'marchenko', 'savchuk'] as const;
const DOMAINS = ['mail.example.com', 'post.example.org', 'inbox.example.net', 'example.com', 'corp.example.org'] as const;
const LANGUAGES = ['uk', 'en', 'pl', undefined] as const;

/** Contact number `index` of the world `world`: always the same one, and no other index or (nearly always) world has its id. */
export function contactAt(world: number, index: number): Contact {
  const random = new Random(world, index);
  const contactId = (mix32(world) & 0xfff) * 0x1_0000_0000 + mix32(index ^ world) + 1;
  const name = `${random.pick(FIRST_NAMES)}.${random.pick(LAST_NAMES)}${index}`;
  const domain = random.pick(DOMAINS);
  const email = `${random.chance(0.02) ? name.replace(/^./, (first) => first.toUpperCase()) : name}@${domain}`;
  return {
    contactId,
    externalCustomerId: externalCustomerIdOf(random),
    email,
    laterEmail: random.chance(0.05) ? `${name}.new@${domain}` : email,
    phone: `38000${String(random.integer(0, 9_999_999)).padStart(7, '0')}`,
    languageCode: random.pick(LANGUAGES),
  };
}

function externalCustomerIdOf(random: Random): string | undefined {
  const kind = random.fraction();
  if (kind < 0.3) return uuidV4(random);
  if (kind < 0.6) return String(random.integer(1_000_000, 999_999_999));
  return undefined;
}

/** The contact's token for push messages on one channel. */
export function pushTokenOf(contact: Contact, channel: 'webpush' | 'mobilepush'): string {
  const random = new Random(mix32(contact.contactId), channel === 'webpush' ? 1 : 2);
  return `${random.alphanumeric(11)}:APA91b${random.alphanumeric(30)}`;
}
