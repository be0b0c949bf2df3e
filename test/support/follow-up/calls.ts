/** A handler that keeps what it was called with. */
import type { Handler, HandlerActivity, RunContext } from '../../../packages/worker/src/handlers/handler.js';
import { handlerOf, type Work } from './actions.js';

export interface Call {
  key: string;
  attempt: number;
  /** Keys of the activities. */
  activities: string[];
  contacts: (number | null)[];
  occurred: string[];
  /** ms, of `performance.now()`. */
  began: number;
  ended: number | null;
  signal: AbortSignal;
}

export interface Recorder {
  handler: Handler;
  calls: Call[];
  /** Calls under way now, and the most that there were. */
  underWay: number;
  most: number;
}

/** `work` is what a call does after it was noted; nothing, if left out. */
export function recorder(
  work: (activities: readonly HandlerActivity[], ctx: RunContext, call: Call) => Promise<void> | void = () => undefined,
  options: { name?: string; group?: boolean; transaction?: boolean } = {},
): Recorder {
  const recorded: Recorder = {
    handler: handlerOf(
      note(() => recorded),
      options,
    ),
    calls: [],
    underWay: 0,
    most: 0,
  };
  return recorded;

  function note(self: () => Recorder): Work {
    return async (activities, ctx) => {
      const me = self();
      const call: Call = {
        key: ctx.idempotencyKey,
        attempt: ctx.attempt,
        activities: activities.map(({ key }) => key),
        contacts: activities.map(({ contactId }) => contactId),
        occurred: activities.map(({ occurredAt }) => occurredAt),
        began: performance.now(),
        ended: null,
        signal: ctx.signal,
      };
      me.calls.push(call);
      me.most = Math.max(me.most, ++me.underWay);
      try {
        await work(activities, ctx, call);
      } finally {
        me.underWay--;
        call.ended = performance.now();
      }
    };
  }
}
