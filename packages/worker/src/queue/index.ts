/** What other packages use of the batch queue, as `@vidhuk/worker/queue`. */
export { QueueMonitor } from './queue-monitor.js';
