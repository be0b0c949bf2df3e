/** Actions as the configuration makes them, with handlers that a test defines. */
import { compileActions, type Action } from '../../../packages/worker/src/follow-up/action.js';
import {
  defineHandler,
  type Handler,
  type HandlerActivity,
  type RunContext,
} from '../../../packages/worker/src/handlers/handler.js';
import { Type } from '../../../packages/worker/src/handlers/kit.js';

export type Work = (activities: readonly HandlerActivity[], ctx: RunContext) => Promise<void> | void;

/** A handler named `name` that takes groups as well and does `work`. */
export function handlerOf(work: Work, options: { name?: string; group?: boolean; transaction?: boolean } = {}): Handler {
  const { name = 'test', group = true, transaction = false } = options;
  return defineHandler({
    name,
    description: 'for a test',
    group,
    transaction,
    params: Type.Object({ note: Type.Optional(Type.String()) }, { additionalProperties: false }),
    run: async (activities, _params, ctx) => work(activities as readonly HandlerActivity[], ctx), // of tests that plan activities
  });
}

const nothing = handlerOf(() => undefined);

/** The actions of a list as in vidhuk.yaml; throws when there is a problem. What is left out: `when: {}`, `run: test`. */
export function actionsOf(list: readonly Record<string, unknown>[], handlers: readonly Handler[] = [nothing]): Action[] {
  const complete = list.map((settings) => ({ when: {}, run: 'test', ...settings }));
  const { actions, problems } = compileActions(complete, new Map(handlers.map((handler) => [handler.name, handler])));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return actions;
}

export function actionOf(settings: Record<string, unknown>, ...handlers: Handler[]): Action {
  return actionsOf([{ name: 'act', ...settings }], handlers.length > 0 ? handlers : undefined)[0]!;
}
