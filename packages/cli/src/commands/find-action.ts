/** The actions of the configuration, as the commands of `vidhuk actions` use them. */
import type { Action } from '@vidhuk/worker/follow-up';
import type { WorkerConfiguration } from '@vidhuk/worker/configuration';

export function findAction(config: WorkerConfiguration, name: string): Action {
  const action = config.compiledActions.find((candidate) => candidate.name === name);
  if (action !== undefined) return action;
  const known = config.compiledActions.map((candidate) => candidate.name);
  throw new Error(
    `there is no action "${name}" in the configuration: there ${known.length === 0 ? 'are none' : `are ${known.join(', ')}`}`,
  );
}

/** What an action with `on: erase` was called for is not kept: that is what an erasure is. */
export function refuseErasures({ name, when }: Action): void {
  if (when.erasure !== null) throw new Error(`"${name}" waits for people who are erased, and nothing that is kept tells of them`);
}
