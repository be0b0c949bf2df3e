/** What the queue holds: jobs, which carry one call or several. */
import { v7 as uuidv7 } from 'uuid';
import type { Action } from './action.js';

/** What a job carries: its calls, whose rows are found in the ledger. */
export interface FollowUpJob {
  id: string;
  calls: string[];
}

const maxCallsPerJob = 8;

/** Jobs for these calls, with `underWay` in the queue already. */
export function toJobs(action: Action, callIds: readonly string[], underWay: number): FollowUpJob[] {
  const jobs: FollowUpJob[] = [];
  const perJob = callsPerJob(action, underWay + callIds.length);
  for (let at = 0; at < callIds.length; at += perJob) jobs.push({ id: uuidv7(), calls: callIds.slice(at, at + perJob) });
  return jobs;
}

/**
 * Calls of one job: a job costs as much as a call on PostgreSQL, so several go together where many wait. There are always twice as many jobs as a
 * worker takes, so that others find some; rates and groups are told by jobs, which are then one call each.
 */
function callsPerJob({ concurrency, group, rateLimit }: Action, calls: number): number {
  return group !== null || rateLimit !== null ? 1 : Math.min(maxCallsPerJob, Math.ceil(calls / (concurrency * 2)));
}
