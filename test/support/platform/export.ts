/** The platform's export into a PostgreSQL of the customer, filled from the truth: in the names and types of today or of older exports. */
import pg from 'pg';
import { createDatabase } from '../services/database.js';
import { isTold, type TrueActivity } from './truth.js';

export type ExportAge = 'today' | 'older';

/** `[field of the webhook, column, type]`. */
const columns: Readonly<Record<ExportAge, readonly (readonly [string, string, string])[]>> = {
  today: [
    ['activityStatus', 'activityStatus', 'varchar(100)'],
    ['activityDateTime', 'activityDateTime', 'timestamp'],
    ['iid', 'iid', 'varchar(100)'],
    ['contactId', 'contactId', 'bigint'],
    ['externalCustomerId', 'externalCustomerId', 'varchar(255)'],
    ['mediaType', 'mediaType', 'varchar(100)'],
    ['messageId', 'messageId', 'integer'],
    ['messageInstanceId', 'messageInstanceId', 'integer'],
    ['broadcastId', 'broadcastId', 'integer'],
    ['workflowId', 'workflowId', 'integer'],
    ['workflowInstanceId', 'workflowInstanceId', 'varchar(100)'],
    ['statusDescription', 'statusDescription', 'varchar(1000)'],
    ['clickEventLink', 'clickEventLink', 'varchar(1000)'],
    ['messageTag', 'messageTags', 'varchar(1000)'],
    ['messageName', 'messageName', 'varchar(255)'],
  ],
  older: [
    ['activityStatus', 'activity', 'text'],
    ['activityDateTime', 'started', 'timestamptz'],
    ['iid', 'iid', 'text'],
    ['contactId', 'contactid', 'text'],
    ['externalCustomerId', 'externalcustomerid', 'text'],
    ['mediaType', 'mediatype', 'text'],
    ['messageId', 'messageid', 'text'],
    ['messageInstanceId', 'messageinstanceid', 'text'],
    ['broadcastId', 'broadcastid', 'text'],
    ['workflowId', 'workflowid', 'text'],
    ['workflowInstanceId', 'workflowinstanceid', 'text'],
    ['statusDescription', 'errorcode', 'varchar(1000)'],
    ['clickEventLink', 'clickeventlink', 'varchar(1000)'],
  ],
};

const spelling: Readonly<Record<string, string>> = {
  webpush: 'WEB_PUSH',
  email: 'EMAIL',
  mobilepush: 'Mobile Push',
  READ: 'RECEIVED',
};
const width = 1_000;

export interface ExportOfPlatform {
  url: string;
  query: <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;
  drop: () => Promise<void>;
}

/** In the schema `esputnik`. Times are written as they stand, those with a zone as UTC. */
export async function createExport(truth: readonly TrueActivity[], age: ExportAge = 'today'): Promise<ExportOfPlatform> {
  const { url, drop } = await createDatabase();
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' });
  await client.connect();
  await client.query('create schema esputnik');
  const table = age === 'today' ? 'esputnik."contactActivities"' : 'esputnik.contactactivities';
  const fields = columns[age];
  await client.query(`create table ${table} (${fields.map(([, column, type]) => `"${column}" ${type}`).join(', ')})`);
  const types = fields.map(([, column, type]) => `"${column}" ${type}`).join(', ');
  const cell = (activity: TrueActivity, field: string): unknown => {
    const value = activity[field];
    if (typeof value !== 'string') return value ?? null;
    const spelt = field === 'mediaType' || field === 'activityStatus' ? (spelling[value] ?? value) : value;
    return Array.from(spelt).slice(0, width).join('');
  };
  const rows = truth.filter(isTold);
  for (let start = 0; start < rows.length; start += 1_000) {
    const objects = rows
      .slice(start, start + 1_000)
      .map((activity) => Object.fromEntries(fields.map(([field, column]) => [column, cell(activity, field)])));
    await client.query(`insert into ${table} select * from jsonb_to_recordset($1::jsonb) as row (${types})`, [
      JSON.stringify(objects),
    ]);
  }
  return {
    url,
    query: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
      (await client.query<Row>(sql, values)).rows,
    async drop() {
      await client.end();
      await drop();
    },
  };
}
