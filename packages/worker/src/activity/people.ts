/** Whom an element is about: those who are to be forgotten are known by id and by address. */
import type { Activity } from './activity.js';

/** People of one source. */
export interface People {
  hasContact(contactId: number): boolean;
  /** Of an address as {@link foldAddress} gives it. */
  hasAddress(address: string): boolean;
}

/** Shorter ones are too common to tell anybody by. */
const shortest = 5;

/** One spelling for each e-mail address, phone number, token or id; null for what is too short to tell anybody by. */
export function foldAddress(text: string): string | null {
  const folded = text.normalize('NFC').trim().toLowerCase();
  const address = /^\+?[\d\s().-]+$/.test(folded) ? folded.replace(/\D/g, '') : folded;
  return address.length < shortest ? null : address;
}

/** An activity is its contact's, whatever addresses it names: only one without a contact belongs to whom it names. `text` is its element as received. */
export function isAbout(people: People, activity: Pick<Activity, 'contactId'>, text: () => string): boolean {
  return activity.contactId === null ? names(people, text()) : people.hasContact(activity.contactId);
}

const contactIds = /"contactId"\s*:\s*"?(\d{1,16})/gi;
const texts = /"(?:[^"\\]|\\.)*"|\d{5,}/g;

/** Whether a text, JSON or not, names one of them: by a contact id, or by a value that is their address. */
export function names(people: People, text: string): boolean {
  for (const [, id] of text.matchAll(contactIds)) if (people.hasContact(Number(id))) return true;
  for (const [found] of text.matchAll(texts)) {
    const address = foldAddress(unquoted(found));
    if (address !== null && people.hasAddress(address)) return true;
  }
  return false;
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}
