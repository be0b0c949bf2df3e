/** What a migration says beforehand of what it does to tables that are there. */
import type { MigrationInterface } from 'typeorm';

/** Whom a step keeps waiting while it lasts. */
type Blocks = 'nobody' | 'writers' | 'everybody';

/** What it does to each row of its table; `nothing`: it changes only what the catalogues say. */
export type EachRow = 'nothing' | 'read' | 'indexed' | 'written';

export interface MigrationStep {
  /** In words, for people. */
  what: string;
  /** Without the schema; null: it makes something of its own. */
  table: string | null;
  blocks: Blocks;
  eachRow: EachRow;
}

/**
 * A migration that says what it does. One that keeps somebody waiting for each row of a large table does it otherwise: an index by
 * {@link createIndexConcurrently}, values of a new column by {@link backfill}; both need `transaction = false`.
 */
export interface PlannedMigration extends MigrationInterface {
  readonly name: string;
  readonly steps: readonly MigrationStep[];
}

export const isPlanned = (migration: MigrationInterface): migration is PlannedMigration => 'steps' in migration;
