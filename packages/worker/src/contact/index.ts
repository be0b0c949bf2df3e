/** What other packages use of contacts, as `@vidhuk/worker/contact`. */
export { readContact, type KnownContact } from './read-contact.js';
export { findContacts } from './sql/find-contacts.js';
