export {
  configurationSchema,
  inspectConfiguration,
  isReadByIngress,
  loadConfiguration,
  parseConfiguration,
  readConfigurationFile,
  type Configuration,
  type SourceConfiguration,
  type WorkflowHook,
} from './config.js';
export { cannotHeal, ConnectionFailure, explainConnectionFailure } from './connection-failure.js';
export { BudgetShare, ByteBudget, NoRoom } from './byte-budget.js';
export { changedSettings } from './changed-settings.js';
export { ConfigurationInForce, type Adoption, type ConfigurationStatus } from './configuration-in-force.js';
export { backoffMs, DeadlineExceeded, retryForever, withDeadline, withTimeLimit } from './deadline.js';
export { durationDescription, durationPattern, toMs } from './duration.js';
export { configPathOf, describeUrl, readEnvironment, type Address, type Environment } from './environment.js';
export {
  ConfigurationError,
  GoneError,
  messageOf,
  PermanentError,
  RefusedTogether,
  RetryLater,
  UnavailableError,
} from './errors.js';
export { foldName, nameSpellings, phoneDigits, phoneSpellings } from './fold-name.js';
export { fingerprintOf, isSameText } from './fingerprint.js';
export { checkReadiness, shared, withoutReasons, type HealthAnswer, type ReadinessCheck } from './health.js';
export { LimitedLog } from './limited-log.js';
export { Lifecycle, runService, type Service, type Stop } from './lifecycle.js';
export { createLogger, type Logger } from './logger.js';
export {
  batchJobOptions,
  batchOptions,
  batchQueueName,
  packBody,
  receivedAtOf,
  unpackBody,
  type BatchJob,
  type BatchOrigin,
} from './queue.js';
export { idOf, isUnexpanded, maxReadBytes, membersOf, pairsOf, parsed, shortTextOf } from './named-values.js';
export { openBatchQueue, openWorkflowQueue } from './open-batch-queue.js';
export { migrateQueueStore, openDurableStore, openQueueStore, requireStoreRights, storeChecks } from './open-queue-store.js';
export { type JobProcessor, type JobQueue, type JobWorker, type QueueStore, type Room } from './queue-store.js';
export { StoreRoom } from './store-room.js';
export { watchStore } from './store-watch.js';
export { endsWhenDead, PostgresClient } from './postgres-client.js';
export { asPsqlMeansIt } from './postgres-session.js';
export { readConfiguration } from './read-configuration.js';
export { readSecret, settingOf, type Variables } from './secret-variable.js';
export { serve, type RefusedRequest } from './serve.js';
export {
  type ExportConfiguration,
  type PlatformConfiguration,
  type ReconcileConfiguration,
  type SourceRoads,
} from './source-roads.js';
export { asUtf8, inHeader, isOneOf, isOneOfInHeader, keyProblem, secretOf, tokenProblem } from './tokens.js';
export { urlProblem } from './url-problem.js';
export { workflowQueueName, type WorkflowJob } from './workflow-queue.js';
export type { IsRead } from './variable-references.js';
