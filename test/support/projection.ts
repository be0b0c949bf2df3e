/** The worker's database as a test needs it: pools, batches, and what the tables hold. */
import { randomUUID } from 'node:crypto';
import type { Activity } from '../../packages/worker/src/activity/activity.js';
import { parseBatch } from '../../packages/worker/src/activity/parse-batch.js';
import { createDataSource } from '../../packages/worker/src/db/data-source.js';
import { PartitionsOnDemand } from '../../packages/worker/src/db/partitions.js';
import type { Batch } from '../../packages/worker/src/projection/batch.js';
import { Projector } from '../../packages/worker/src/projection/projector.js';
import { captureLog, silentLog, type CapturedLog } from './log-lines.js';
import { sortRows, type ExpectedRows, type Row } from './oracle.js';
import { createDatabase } from './services/database.js';

export type Database = ReturnType<typeof createDataSource>;

export interface TestDatabase {
  url: string;
  database: Database;
  /** One more pool, as another worker has it; closed with the others. */
  another: () => Promise<Database>;
  drop: () => Promise<void>;
}

/** A fresh, migrated database of the server that all tests share. */
export async function openDatabase(): Promise<TestDatabase> {
  const { url, drop } = await createDatabase();
  const opened: Database[] = [];
  const another = async () => {
    const database = createDataSource(url, { name: 'vidhuk test', poolSize: 4, log: silentLog() });
    await database.initialize();
    opened.push(database);
    return database;
  };
  return {
    url,
    database: await another(),
    another,
    async drop() {
      await Promise.all(opened.map((database) => database.destroy()));
      await drop();
    },
  };
}

/** A projector with a log that can be read. */
export function createProjector(database: Database): { projector: Projector; captured: CapturedLog } {
  const captured = captureLog();
  return { projector: new Projector(database, new PartitionsOnDemand(database), captured.log), captured };
}

/** As the worker reads it from the queue. */
export function batchOf(body: string | Buffer | readonly unknown[], given: Partial<Batch> & { timeZone?: string } = {}): Batch {
  const { timeZone = 'UTC', source = 'main', ...rest } = given;
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return {
    id: randomUUID(),
    origin: 'webhook',
    receivedAt: new Date(),
    body: bytes,
    ...parseBatch(bytes, { source, timeZone }),
    source,
    ...rest,
  };
}

/** A batch of activities that never were JSON. */
export function batchOfActivities(source: string, activities: readonly Activity[]): Batch {
  return {
    id: randomUUID(),
    source,
    origin: 'webhook',
    receivedAt: new Date(),
    body: Buffer.from('[]'),
    total: activities.length,
    activities: activities.map((activity, position) => ({ ...activity, position })),
    rejections: [],
  };
}

/** The projections of `source`, all columns but updated_at, to be compared with the oracle's. */
export async function storedRows(database: Database, source: string): Promise<ExpectedRows> {
  const read = async (table: string): Promise<Row[]> => {
    const rows: Row[] = await database.query(`select * from vidhuk.${table} where source = $1`, [source]);
    return sortRows(rows.map(readable));
  };
  return { contacts: await read('contact_status'), channels: await read('contact_channel_status') };
}

function readable({ updated_at: _, ...row }: Row): Row {
  const values = Object.entries(row).map(([column, value]): [string, unknown] => {
    if (value instanceof Date) return [column, value.toISOString()];
    return [column, column === 'contact_id' ? Number(value) : value];
  });
  return Object.fromEntries(values);
}

/** The keys in the log of `source`, sorted. */
export async function loggedKeys(database: Database, source: string): Promise<string[]> {
  const rows: { activity_key: string }[] = await database.query(
    'select activity_key from vidhuk.activity where source = $1 order by 1',
    [source],
  );
  return rows.map(({ activity_key }) => activity_key);
}

/** What is in quarantine, by position. */
export async function quarantined(
  database: Database,
): Promise<{ batch_id: string; position: number; reason: string; raw: string }[]> {
  return database.query('select batch_id, position, reason, raw from vidhuk.rejected_activity order by batch_id, position');
}
