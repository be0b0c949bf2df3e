/** Puts the actions of a configuration to work, and those of the next one in their place. */
import { retryForever, type Configuration, type Service } from '@vidhuk/shared';
import type { Projector } from '../projection/projector.js';
import type { RequestStore } from '../workflow/store-requests.js';
import type { Action } from './action.js';
import { warnOfDoubts } from './find-doubts.js';
import { FollowUps } from './follow-ups.js';
import type { RunnerParts } from './action-runner.js';
import { settleRemoved } from './settle-removed.js';

export interface ActionsParts extends Pick<RunnerParts, 'store' | 'dataSource' | 'http' | 'metrics'> {
  board: NonNullable<RunnerParts['board']>;
  /** Gets its planner here. */
  projector: Pick<Projector, 'planner'>;
  requests: Pick<RequestStore, 'planner'>;
  settings: Configuration['worker'];
}

/** Gives the function that takes the actions of a configuration: it waits until all of them run, and rejects only when the process ends before. */
export function openActions(
  { projector, requests, ...parts }: ActionsParts,
  { log, lifecycle, stop }: Service,
): (configuration: { compiledActions: readonly Action[]; sources: Configuration['sources'] }) => Promise<void> {
  const followUps = new FollowUps({ ...parts, log, stop });
  lifecycle.signal.addEventListener('abort', () => followUps.beginNoMore(), { once: true });
  lifecycle.onClose('follow-ups', () => followUps.stop());
  return async ({ compiledActions: actions, sources }) => {
    // What is accepted is planned from now on; what cannot be started yet finds its rows later.
    projector.planner = followUps.plannerFor(actions);
    requests.planner = followUps.requestPlannerFor(actions);
    await retryForever('starting the actions', () => followUps.run(actions), { log, signal: lifecycle.signal });
    log.info({ actions: actions.map(({ name }) => name) }, 'actions');
    void settleRemoved({ ...parts, log }, actions);
    void warnOfDoubts(parts.dataSource, actions, sources, log);
  };
}
