/** What other packages use of history, as `@vidhuk/worker/history`. */
export { settleRules } from '../projection/settle-rules.js';
export { rebuildContact, type ContactChange } from './rebuild-contact.js';
export { rebuildAll, type RebuildParts, type Rebuilt } from './rebuild-all.js';
export { redirect } from './second-tables.js';
export type { Difference } from './sql/compare-tables.js';
export { readRetention, retain, type RetentionState } from './retention.js';
export type { TableSize } from './sql/disk-by-table.js';
export { findReplayable, Replay, type Replayable, type ReplayParts } from './replay.js';
