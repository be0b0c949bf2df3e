/** What other packages use of erasing people, as `@vidhuk/worker/erase`. */
export { erasePeople, findPeople, type Found } from './erase-people.js';
export { describePerson, type Person } from './person.js';
export type { ErasureParts } from './place.js';
export { beyondReach } from './places.js';
export { readHolders } from './sql/read-addresses.js';
export { keyProblem, Tombstones } from '../../projection/tombstones.js';
