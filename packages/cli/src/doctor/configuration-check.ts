import { examineInForce } from '../in-force/examine-in-force.js';
import type { Check } from './check.js';

export const configurationCheck: Check = {
  name: 'configuration in force',
  needs: [],
  look: ({ environment, variables }) => examineInForce(environment, variables),
};
