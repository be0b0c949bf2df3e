/** What other packages use of activities, as `@vidhuk/worker/activity`. */
export { rejectionReasons, type Activity } from './activity.js';
export { parseBatch } from './parse-batch.js';
export { parseContextOf } from './parse-context.js';
