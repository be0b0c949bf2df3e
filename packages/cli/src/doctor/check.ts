/** What a check of `vidhuk doctor` is: it looks at one thing and says what is wrong and what to do. */
import type { Environment, QueueStore, Variables } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { WorkerConfiguration } from '@vidhuk/worker/configuration';

export interface Finding {
  level: 'ok' | 'info' | 'warning' | 'problem';
  /** What is so. */
  text: string;
  /** What to do about it. */
  remedy?: string;
}

/** What could be opened; a check that needs what is missing says so by its `needs`. */
export interface Patient {
  variables: Variables;
  environment: Environment;
  config: WorkerConfiguration | undefined;
  database: DataSource | undefined;
  /** The database once it is known to have its tables. */
  tables: DataSource | undefined;
  store: QueueStore | undefined;
  /** The source whose platform may be asked; null: nobody outside is asked. */
  source: string | null;
}

export interface Check {
  name: string;
  /** Leaves the check out where it is missing: its own check has told why. */
  needs: readonly ('config' | 'database' | 'tables' | 'store')[];
  look: (patient: Complete) => Promise<Finding[]>;
}

/** A patient of whom everything could be opened. */
export type Complete = { [K in Exclude<keyof Patient, 'source'>]: NonNullable<Patient[K]> } & Pick<Patient, 'source'>;

export const ok = (text: string): Finding => ({ level: 'ok', text });
export const info = (text: string): Finding => ({ level: 'info', text });
export const warning = (text: string, remedy: string): Finding => ({ level: 'warning', text, remedy });
export const problem = (text: string, remedy: string): Finding => ({ level: 'problem', text, remedy });

/** PostgreSQL's insufficient_privilege: whoever examines is not the owner. */
export const isForbidden = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '42501';
