/** What other packages use of follow-ups, as `@vidhuk/worker/follow-up`. */
export { createGuardedHttp } from '../handlers/guarded-http.js';
export type { Action } from './action.js';
export { backtest } from './backtest.js';
export { backtestRequests } from './backtest-requests.js';
export { erasureOf, type ErasedContact, type PlannedErasure } from './erasure.js';
export { findDoubts, type Doubt } from './find-doubts.js';
export { findMatching } from './find-matching.js';
export { findMatchingRequest } from './find-matching-request.js';
export { makeSample, sampleContact } from './make-sample.js';
export { makeSampleRequest, requestOf } from './make-sample-request.js';
export { isTooOld } from './max-age.js';
export { Planner } from './planner.js';
export { findReplay, planReplay, underNewKey, type ActionReplay } from './replay-action.js';
export type { PlannedFollowUp } from './sql/insert-follow-ups.js';
export { readActionOverview, readOrphanedActions, readOverdue, type ActionOverview } from './sql/action-overview.js';
export { disableAction, enableAction, ensureActionState } from './sql/action-state.js';
export {
  changeable,
  changeFollowUps,
  countChangeable,
  listChangeable,
  whereOf,
  type FollowUpChange,
  type FollowUpFilter,
  type FollowUpSample,
} from './sql/change-follow-ups.js';
export { tryAction, type Trial } from './try-action.js';
export { countFollowUps, readPausedActions } from './sql/count-follow-ups.js';
