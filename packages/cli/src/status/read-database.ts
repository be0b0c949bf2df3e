/** What the database tells of feed, quarantine and actions: from indexes, and of long tables only the latest rows. */
import { endsWhenDead, explainConnectionFailure, messageOf, PostgresClient } from '@vidhuk/shared';
import pg from 'pg';
import { isForbidden } from '../doctor/check.js';

interface SourceFeed {
  source: string;
  lastBatchAt: Date;
  ageMs: number;
}

export interface DatabaseStatus {
  /** Sources with a batch among the latest {@link latestBatches}. */
  feed: SourceFeed[];
  /** `moving` of them may say that somebody must not be written to. */
  quarantine: { waiting: number; moving: number };
  actions: {
    waiting: number;
    /** Among the latest {@link latestFollowUps} follow-ups. */
    failed: number;
    disabled: { action: string; reason: string }[];
    paused: { action: string; until: Date }[];
  };
}

/** ms. */
const statementMs = 2_000;
export const latestBatches = 2_000;
export const latestFollowUps = 10_000;
/** From here on nobody counts any more. */
export const countedUpTo = 100_000;

/** Ids of batches are UUIDs version 7, so that the latest ones are the last of the primary key. */
const feedSql = `
  select source, max(received_at) as "lastBatchAt", round(extract(epoch from now() - max(received_at)) * 1000)::float8 as "ageMs"
  from (select source, received_at from vidhuk.batch order by id desc limit ${latestBatches}) as latest group by source order by source`;

const countsSql = `
  select
    (select count(*)::integer from (select from vidhuk.rejected_activity where resolved_at is null limit ${countedUpTo}) as r) as quarantine,
    (select count(*)::integer from (select from vidhuk.rejected_activity where resolved_at is null and moves_flag limit ${countedUpTo}) as m) as moving,
    (select count(*)::integer from (select from vidhuk.follow_up where state in ('waiting', 'queued') limit ${countedUpTo}) as w) as waiting,
    (select count(*)::integer from (select state from vidhuk.follow_up order by id desc limit ${latestFollowUps}) as l where state = 'failed') as failed`;

const actionsSql = `
  select action, disabled_at is not null as disabled, coalesce(disabled_reason, '') as reason, blocked_until as until
  from vidhuk.action_state where disabled_at is not null or blocked_until > now() order by action`;

/** Rejects when the database is away, waits for its migrations, or takes longer than 2 s for one of the statements. */
export async function readDatabase(url: string): Promise<DatabaseStatus> {
  const client = new PostgresClient({
    connectionString: url,
    connectionTimeoutMillis: 4_000,
    session: { statement_timeout: String(statementMs) },
    application_name: 'vidhuk status',
    ...endsWhenDead(statementMs),
  });
  client.on('error', () => undefined); // a lost connection also fails the query under way, which tells
  try {
    await client.connect().catch((error: unknown) => {
      throw explainConnectionFailure(error, url, 'DATABASE_URL');
    });
    const feed = await client.query<SourceFeed>(feedSql);
    const counts = await client.query<{ quarantine: number; moving: number; waiting: number; failed: number }>(countsSql);
    const actions = await client.query<{ action: string; disabled: boolean; reason: string; until: Date }>(actionsSql);
    const { quarantine = 0, moving = 0, waiting = 0, failed = 0 } = counts.rows[0] ?? {};
    return {
      feed: feed.rows,
      quarantine: { waiting: quarantine, moving },
      actions: {
        waiting,
        failed,
        disabled: actions.rows.filter((row) => row.disabled).map(({ action, reason }) => ({ action, reason })),
        paused: actions.rows.filter((row) => !row.disabled).map(({ action, until }) => ({ action, until })),
      },
    };
  } catch (error) {
    // 42P01 undefined_table, 3F000 invalid_schema_name (PostgreSQL, appendix A)
    if (error instanceof pg.DatabaseError && (error.code === '42P01' || error.code === '3F000'))
      throw new Error('the database is not up to date: run "vidhuk migrate"', { cause: error });
    if (isForbidden(error)) throw error;
    throw new Error(messageOf(error), { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}
