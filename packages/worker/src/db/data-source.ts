/** The one connection pool of a process to the database, with limits that the server itself enforces. */
import { endsWhenDead, PostgresClient, type Logger } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { ActEntity } from './entities/act.js';
import { BackfillEntity } from './entities/backfill.js';
import { BatchEntity } from './entities/batch.js';
import { ContactChannelStatusEntity } from './entities/contact-channel-status.js';
import { ContactChannelFloorEntity, ContactFloorEntity } from './entities/contact-floor.js';
import { ContactStatusEntity } from './entities/contact-status.js';
import { ErasedEntity } from './entities/erased.js';
import { HorizonEntity } from './entities/horizon.js';
import { LoggedActivityEntity } from './entities/logged-activity.js';
import { ProjectionEntity } from './entities/projection.js';
import { ProjectionRuleEntity } from './entities/projection-rule.js';
import { RebuildEntity } from './entities/rebuild.js';
import { RebuildSliceEntity } from './entities/rebuild-slice.js';
import { RejectedActivityEntity } from './entities/rejected-activity.js';
import { SourceEntity } from './entities/source.js';
import { ActionStateEntity } from './entities/action-state.js';
import { DiskDayEntity } from './entities/disk-day.js';
import { DriftEntity } from './entities/drift.js';
import { FollowUpEntity } from './entities/follow-up.js';
import { WorkflowRequestEntity } from './entities/workflow-request.js';
import { WorkflowRequestKeyEntity } from './entities/workflow-request-key.js';
import { ReconcileRunEntity } from './entities/reconcile-run.js';
import { Pipeline1700000000001 } from './migrations/0001-pipeline.js';
import { FollowUp1700000000002 } from './migrations/0002-follow-up.js';
import { FollowUpId1700000000003 } from './migrations/0003-follow-up-id.js';
import { RowTypes1700000000004 } from './migrations/0004-row-types.js';
import { Workflow1700000000005 } from './migrations/0005-workflow.js';
import { Reconcile1700000000006 } from './migrations/0006-reconcile.js';
import { History1700000000007 } from './migrations/0007-history.js';
import { Rebuild1700000000008 } from './migrations/0008-rebuild.js';
import { ErasedRequests1700000000009 } from './migrations/0009-erased-requests.js';
import { Retention1700000000010 } from './migrations/0010-retention.js';
import { DropMonth1700000000011 } from './migrations/0011-drop-month.js';

const entities = [
  BatchEntity,
  LoggedActivityEntity,
  ContactStatusEntity,
  ContactChannelStatusEntity,
  RejectedActivityEntity,
  SourceEntity,
  FollowUpEntity,
  ActionStateEntity,
  WorkflowRequestEntity,
  WorkflowRequestKeyEntity,
  ProjectionRuleEntity,
  ProjectionEntity,
  ErasedEntity,
  ActEntity,
  ReconcileRunEntity,
  DriftEntity,
  RebuildEntity,
  RebuildSliceEntity,
  BackfillEntity,
  ContactFloorEntity,
  ContactChannelFloorEntity,
  HorizonEntity,
  DiskDayEntity,
];
export const migrations = [
  Pipeline1700000000001,
  FollowUp1700000000002,
  FollowUpId1700000000003,
  RowTypes1700000000004,
  Workflow1700000000005,
  Reconcile1700000000006,
  History1700000000007,
  Rebuild1700000000008,
  ErasedRequests1700000000009,
  Retention1700000000010,
  DropMonth1700000000011,
];

export interface DataSourceSettings {
  /** As the server's list of connections shows it. */
  name: string;
  poolSize: number;
  log: Logger;
  /** ms that a statement may take; default 60 s, which whoever reads all of a large table needs more than. 0: as long as it takes. */
  statementMs?: number;
  /** ms that a lock is waited for; default 10 s. */
  lockMs?: number;
  /** Beside those of this version, for tests. */
  moreMigrations?: readonly (new () => MigrationInterface)[];
  /** Is shown each new connection before anybody uses it. */
  prepare?: (client: ClientBase) => void;
  /**
   * For statements that look up single rows by their keys, and are prepared: without it a plan from the days when the tables were small reads all of
   * them until the server next analyses them.
   */
  byIndexOnly?: boolean;
}

/** Also without the compiler: where the server has no other way than to read a table, it takes the statement for an expensive one. */
const byIndexOnly = { enable_seqscan: 'off', jit: 'off' };

/** What the server allows a statement. */
const usualStatementMs = 60_000;
const usualLockMs = 10_000;
/** ms after which the driver gives up on a statement that may take as long as it takes: a week. */
const endlessMs = 604_800_000;

/**
 * Not yet connected: `initialize()` does that and rejects when the database is away. Statements end after 60 s, waits for a lock after 10 s, an
 * idle transaction after 20 s (a frozen worker holds its locks no longer); a wait for a free connection after 5 s. Where the server is gone without a
 * word, the driver ends the connection, see `endsWhenDead`.
 */
export function createDataSource(url: string, settings: DataSourceSettings): DataSource {
  const { statementMs = usualStatementMs, lockMs = usualLockMs, moreMigrations = [] } = settings;
  return new DataSource({
    type: 'postgres',
    url,
    schema: 'vidhuk',
    entities,
    migrations: [...migrations, ...moreMigrations],
    migrationsTableName: 'migration',
    installExtensions: false,
    poolSize: settings.poolSize,
    connectTimeoutMS: 5_000,
    applicationName: settings.name,
    poolErrorHandler: (error: unknown) => settings.log.warn({ err: error }, 'an idle database connection was lost'),
    extra: {
      Client: PostgresClient,
      session: {
        statement_timeout: String(statementMs),
        lock_timeout: String(lockMs),
        idle_in_transaction_session_timeout: '20s',
        ...(settings.byIndexOnly ? byIndexOnly : {}),
      },
      // With pipeline mode: statements are sent when they are made, and not only once those before them were answered, see db/in-one-go.ts.
      ...endsWhenDead(statementMs === 0 ? endlessMs : statementMs),
      // The pool listens to idle connections only, and one may end before whoever asked for it can listen.
      onConnect: (client: ClientBase) => {
        client.on('error', () => undefined);
        settings.prepare?.(client);
      },
    },
  });
}
