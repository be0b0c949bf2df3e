/** All actions at work; a changed configuration changes only the actions that differ. */
import type { Configuration } from '@vidhuk/shared';
import type { Action } from './action.js';
import { ActionRunner, type RunnerParts } from './action-runner.js';
import { CallSlots } from './call-slots.js';
import { isSameAction } from './changed-actions.js';
import { DuePoll } from './due-poll.js';
import { usualPace } from './feeder.js';
import { Planner } from './planner.js';
import { WorkflowPlanner } from './workflow-planner.js';

type Settings = Pick<Configuration['worker'], 'databaseConnections' | 'maxTransactions' | 'stuckAfterMs'>;

/**
 * Handlers hold a connection for as long as they like: all of them together get half of what batches leave. The other half is for what follow-ups
 * need themselves, and takes no time.
 */
const connectionsOfHandlers = ({ databaseConnections, maxTransactions }: Settings): number =>
  Math.max(1, Math.floor((databaseConnections - maxTransactions - 1) / 2));

export class FollowUps {
  readonly #runners = new Map<string, ActionRunner>();

  readonly #parts: RunnerParts;
  readonly #poll: DuePoll;
  #stopped = false;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor({ settings, ...parts }: Omit<RunnerParts, 'connections' | 'stuckAfterMs'> & { settings: Settings }) {
    const { stuckAfterMs } = settings;
    this.#parts = { ...parts, stuckAfterMs, connections: new CallSlots(connectionsOfHandlers(settings)) };
    const { dataSource, log, pace } = parts;
    this.#poll = new DuePoll({
      ...{ dataSource, log, pollMs: pace?.pollMs ?? usualPace.pollMs },
      actions: () =>
        [...this.#runners.values()].filter(({ action }) => action.enabled && !action.dryRun).map(({ action }) => action.name),
      wake: (action) => this.#runners.get(action)?.wake(),
    });
  }

  /** Plans for these actions, and wakes them when they get work. */
  plannerFor(actions: readonly Action[]): Planner {
    return new Planner(actions, ({ planned, tooOld }) => {
      for (const name of planned.keys()) this.#runners.get(name)?.wake();
      for (const [name, count] of tooOld) this.#parts.metrics.leftOut(name, count);
    });
  }

  /** The same for requests of the workflow block. */
  requestPlannerFor(actions: readonly Action[]): WorkflowPlanner {
    return new WorkflowPlanner(actions, (planned) => {
      for (const name of planned.keys()) this.#runners.get(name)?.wake();
    });
  }

  /** Stops what is gone or changed, starts what is new or changed. Rejects when some could not be started; may then be called again. */
  run(actions: readonly Action[]): Promise<void> {
    const run = this.#run(actions);
    this.#underWay = run.catch(() => undefined); // whoever called hears of it
    return run;
  }

  async #run(actions: readonly Action[]): Promise<void> {
    this.#poll.start();
    const wanted = new Map(actions.map((action) => [action.name, action]));
    const leaving = [...this.#runners.values()].filter(({ action }) => !isSameAction(action, wanted.get(action.name)));
    for (const runner of leaving) this.#runners.delete(runner.action.name);
    await Promise.all(leaving.map((runner) => runner.stop()));
    const failures: unknown[] = [];
    for (const action of actions) {
      if (this.#stopped) return;
      if (this.#runners.has(action.name)) continue;
      try {
        this.#runners.set(action.name, await ActionRunner.start(action, this.#parts));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures);
  }

  /** The process ends soon: no call begins any more. */
  beginNoMore(): void {
    for (const runner of this.#runners.values()) runner.beginNoMore();
  }

  /** Waits for what is being started: a worker of BullMQ that begins when its store is closed already would spin, and let nothing else happen. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#poll.stop();
    await this.#underWay;
    const runners = [...this.#runners.values()];
    this.#runners.clear();
    await Promise.all(runners.map((runner) => runner.stop()));
  }
}
