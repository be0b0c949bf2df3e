/** What the log and the bodies together say of activities: the log has what all roads said of what moves times, bodies have names and addresses beside. */
import type { ClientBase } from 'pg';
import type { Activity } from '../activity/activity.js';
import { parseBatch } from '../activity/parse-batch.js';
import { parseContextOf, type ReadingRules } from '../activity/parse-context.js';
import { bodiesOf } from './sql/bodies-of.js';
import { activityOf, type LoggedRow } from './sql/logged-rows.js';

/** Of rows whose bodies are gone, names are left out: the floors have them. */
export async function toldActivities(client: ClientBase, rows: readonly LoggedRow[], sources: ReadingRules): Promise<Activity[]> {
  const told = rows.map(activityOf);
  const byKey = new Map(rows.map((row) => [row.key, row]));
  for await (const bodies of bodiesOf(client, [...new Set(rows.map(({ batchId }) => batchId))]))
    for (const { source, receivedAt, body } of bodies) {
      const context = { ...parseContextOf(sources, source, receivedAt.getTime()), stubs: true };
      for (const activity of parseBatch(body, context).activities) {
        const row = byKey.get(activity.key);
        // By the time that the log has: the configuration's time zone may have changed since.
        if (row?.contactId === activity.contactId) told.push({ ...activity, occurredAt: row.occurredAt.getTime() });
      }
    }
  return told;
}
