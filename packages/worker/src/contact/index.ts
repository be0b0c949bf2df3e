/** What other packages use of contacts, as `@vidhuk/worker/contact`. */
export { readContactAsOf, type Moment } from './as-of.js';
export {
  readContact,
  readQuarantinedOf,
  type ContactFollowUp,
  type KnownContact,
  type NamedActivity,
  type Namesake,
} from './read-contact.js';
export type { QuarantinedElement } from './sql/read-quarantined.js';
export { explainContact, type Explained } from './sql/explain.js';
export { findContacts, type ContactName } from './sql/find-contacts.js';
export { askToStop, readActs, recordAct, recordProgress } from './sql/record-act.js';
export { searchContacts, type FoundContact } from './sql/search-contacts.js';
