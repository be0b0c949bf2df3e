/** What a changed configuration means for the actions at work. */
import { isDeepStrictEqual } from 'node:util';
import type { Action } from './action.js';

/** A handler's file may have changed where the action's settings have not. */
export const isSameAction = (action: Action, wanted: Action | undefined): boolean =>
  action.handler === wanted?.handler && isDeepStrictEqual(action.settings, wanted.settings);

/** Each that differs, by name and with what became of it. */
export function changedActions(before: readonly Action[], after: readonly Action[]): string[] {
  const find = (actions: readonly Action[], name: string) => actions.find((action) => action.name === name);
  return [
    ...after.flatMap((action) => {
      const old = find(before, action.name);
      if (old === undefined) return [`action ${action.name} (new)`];
      return isSameAction(old, action) ? [] : [`action ${action.name} (changed)`];
    }),
    ...before.filter(({ name }) => find(after, name) === undefined).map(({ name }) => `action ${name} (gone)`),
  ];
}
