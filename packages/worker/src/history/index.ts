/** What other packages use of history, as `@vidhuk/worker/history`. */
export type { ReadingRules } from '../activity/parse-context.js';
export { settleRules } from '../projection/settle-rules.js';
export { rebuildContact, type ContactChange } from './rebuild-contact.js';
export { cancelRebuild, rebuildAll, type RebuildParts, type Rebuilt } from './rebuild/rebuild-all.js';
export type { RebuildProgress } from './rebuild/rebuild-progress.js';
export { redirect } from '../projection/second-tables.js';
export type { Difference } from './rebuild/sql/compare-tables.js';
export { readRetention, type RetentionReport } from './read-retention.js';
export { retain } from './retention.js';
export { earlierClock } from './sql/earlier-clock.js';
export { findReplayable, Replay, type Replayable, type ReplayParts } from './replay.js';
