/** What other packages use of the log, as `@vidhuk/worker/activity-log`. */
export type { ActivityFilter } from './activity-filter.js';
export { listActivities, type ListedActivity } from './sql/list-activities.js';
export { countActivities, countedBy, type ActivityCounts, type CountedBy } from './sql/count-activities.js';
export { countWidgets, type WidgetFigures } from './sql/count-widgets.js';
