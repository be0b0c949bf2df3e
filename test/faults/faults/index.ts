/** Every kind of fault. */
import type { FaultKind } from '../fault.js';
import { asideFaults } from './asides.js';
import { clockFaults } from './clock.js';
import { forGoodFaults } from './for-good.js';
import { fullFaults } from './full.js';
import { linkFaults } from './links.js';
import { postgresFaults } from './postgres.js';
import { processFaults } from './processes.js';
import { receiverFaults } from './receiver.js';
import { recoveryFaults } from './recovery.js';
import { redisFaults } from './redis.js';

export const faultKinds: readonly FaultKind[] = [
  ...processFaults,
  ...linkFaults,
  ...forGoodFaults,
  ...redisFaults,
  ...postgresFaults,
  ...recoveryFaults,
  ...fullFaults,
  ...receiverFaults,
  ...clockFaults,
  ...asideFaults,
];
