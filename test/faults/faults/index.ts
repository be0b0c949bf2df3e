/** Every kind of fault. */
import type { FaultKind } from '../fault.js';
import { linkFaults } from './links.js';
import { postgresFaults } from './postgres.js';
import { processFaults } from './processes.js';
import { receiverFaults } from './receiver.js';
import { redisFaults } from './redis.js';

export const faultKinds: readonly FaultKind[] = [
  ...processFaults,
  ...linkFaults,
  ...redisFaults,
  ...postgresFaults,
  ...receiverFaults,
];
