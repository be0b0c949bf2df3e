/** What other packages use of contacts, as `@vidhuk/worker/contact`. */
export { readContact, type ContactFollowUp, type KnownContact, type NamedActivity, type Namesake } from './read-contact.js';
export { findContacts, type ContactName } from './sql/find-contacts.js';
export { searchContacts, type FoundContact } from './sql/search-contacts.js';
