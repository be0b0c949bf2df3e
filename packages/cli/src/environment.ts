/** What the commands get of their surroundings; `main.ts` is the only place that reads them from the process. */
import type { Variables } from '@vidhuk/shared';

/** Environment variables, those of a running `npm start` filled in. */
export type CliEnvironment = Variables;

/** Exit codes, the same for every command. */
export const exitCode = {
  ok: 0,
  /** The command did its work and the answer is no: not found, differences, problems. */
  negative: 1,
  /** The command could not do its work: bad arguments, database away. */
  failure: 2,
} as const;
