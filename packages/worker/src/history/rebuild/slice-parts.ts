/** What every piece of work on the second tables needs. */
import type { Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { Tombstones } from '../../projection/tombstones.js';

export interface SliceParts {
  /** The tables as they are. */
  dataSource: DataSource;
  /** Its connections are redirected to the second tables, see `redirect.ts`. */
  second: DataSource;
  tombstones: Tombstones;
  log: Logger;
}
