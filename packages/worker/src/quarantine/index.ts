/** What other packages use of the quarantine, as `@vidhuk/worker/quarantine`. */
export { changeJson, prettyJson } from './exact-json.js';
export { readRejection, type WholeRejection } from './read-rejection.js';
export { resubmit, type Resubmission, type ResubmitParts } from './resubmit.js';
export { parseAssignment, setValues, type Assignment } from './set-values.js';
export { countWaiting } from './sql/count-waiting.js';
export {
  countByReason,
  discardRejections,
  listRejections,
  selectRejectionIds,
  type ListedRejection,
  type RejectionFilter,
} from './sql/select-rejections.js';
