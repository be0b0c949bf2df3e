/** Whether a road says of an activity what the log does not know yet. */
import type { Activity } from '../activity/activity.js';
import { uniteActivities } from '../projection/unite-activities.js';
import type { LoggedFields } from './sql/find-logged.js';

/** United with what the log has, it would be another row. */
export function saysMore(told: Activity, logged: LoggedFields): boolean {
  const united = uniteActivities({ ...told, ...logged }, told);
  const isSame = (name: keyof LoggedFields) => JSON.stringify(united[name]) === JSON.stringify(logged[name]);
  return !(Object.keys(logged) as (keyof LoggedFields)[]).every(isSame);
}
