/** What other packages use of contacts, as `@vidhuk/worker/contact`. */
export { readContactAsOf, type Moment } from './as-of.js';
export { erasePeople, findPeople, type Found } from './erase/erase-people.js';
export { describePerson, type Person } from './erase/person.js';
export type { ErasureParts } from './erase/place.js';
export { beyondReach } from './erase/places.js';
export { readHolders } from './erase/sql/read-addresses.js';
export { keyProblem, Tombstones } from '../projection/tombstones.js';
export { readContact, type ContactFollowUp, type KnownContact, type NamedActivity, type Namesake } from './read-contact.js';
export { explainContact, type Explained } from './sql/explain.js';
export { findContacts, type ContactName } from './sql/find-contacts.js';
export { askToStop, readActs, recordAct, recordProgress } from './sql/record-act.js';
export { searchContacts, type FoundContact } from './sql/search-contacts.js';
