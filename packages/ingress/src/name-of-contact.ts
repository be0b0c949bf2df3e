/** By what a request names the contact that it asks about. */
import { idOf, membersOf, pairsOf, shortTextOf } from '@vidhuk/shared';

/** One of them. */
export interface NameOfContact {
  kind: 'contactId' | 'externalCustomerId' | 'email' | 'phone';
  text: string;
}

/** From the surest to the least sure; the first that the request has is the one that counts. */
const kinds = ['contactId', 'externalCustomerId', 'email', 'phone'] as const;

/** The first name that stands in the query or at the top of the JSON body and is no unexpanded variable; null: it names nobody. */
export function nameOfContact(query: string, body: Buffer): NameOfContact | null {
  const members = membersOf(body);
  const pairs = new Map(pairsOf(query).reverse()); // of several the first
  for (const kind of kinds) {
    for (const value of [pairs.get(kind), Object.hasOwn(members, kind) ? members[kind] : undefined]) {
      const text = kind === 'contactId' ? idOf(value)?.toString() : shortTextOf(value);
      if (text !== null && text !== undefined) return { kind, text };
    }
  }
  return null;
}
