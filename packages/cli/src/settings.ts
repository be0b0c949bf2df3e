/** The settings of a command that needs the database. */
import { readEnvironment, settingOf, type Environment } from '@vidhuk/shared';
import type { CliEnvironment } from './environment.js';
import { isClone } from './output/command-name.js';

/** As `readEnvironment`; throws where neither an instance runs nor a database is named, with what to do about it. */
export function readSettings(environment: CliEnvironment): Environment {
  if (settingOf(environment, 'DATABASE_URL') === undefined && settingOf(environment, 'DATABASE_URL_FILE') === undefined)
    throw new NothingRunsError();
  return readEnvironment(environment);
}

/** Nothing is wrong, there is only nothing to ask. */
export class NothingRunsError extends Error {
  override readonly name = 'NothingRunsError';
  constructor() {
    super(
      `nothing runs here: ${isClone() ? 'npm start, or set DATABASE_URL' : 'set DATABASE_URL, for example postgres://user:password@localhost:5432/vidhuk'}`,
    );
  }
}
