/** What other packages use of requests of the workflow block, as `@vidhuk/worker/workflow`. */
export { normaliseInstance } from '../activity/workflow-instance.js';
export type { WorkflowRequest } from './workflow-request.js';
export { readRun, type RunStep } from './sql/read-run.js';
