/** What other packages use of the database, as `@vidhuk/worker/database`. */
export { checkDatabaseWritable } from './check-writable.js';
export { connect, isMigrated, openDataSource } from './connect.js';
export { createDataSource } from './data-source.js';
export type { Act } from './entities/act.js';
export type { ContactChannelStatus } from './entities/contact-channel-status.js';
export type { ContactStatus } from './entities/contact-status.js';
export { FollowUpEntity, followUpStates, type FollowUp, type FollowUpState } from './entities/follow-up.js';
export type { LoggedActivity } from './entities/logged-activity.js';
export { newerSchema, planMigrations, type MigrationPlan, type PlannedStep } from './kit/plan.js';
export { migrate } from './migrate.js';
export { PartitionsOnDemand } from './partitions.js';
export { encodingRemedy } from './require-migratable.js';
export { inTransaction } from './transaction.js';
