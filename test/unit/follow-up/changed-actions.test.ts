import { expect } from 'chai';
import type { Action } from '../../../packages/worker/src/follow-up/action.js';
import { changedActions, isSameAction } from '../../../packages/worker/src/follow-up/changed-actions.js';

const [log, other] = [{ name: 'log' }, { name: 'log' }] as unknown as Action['handler'][];
const action = (name: string, timeoutMs: number, handler = log) => ({ name, handler, settings: { name, timeoutMs } }) as Action;

describe('What a changed configuration means for actions', () => {
  it('is told of each that is new, changed or gone, and of no other', () => {
    const before = [action('kept', 1), action('slower', 1), action('left', 1)];
    const after = [action('kept', 1), action('slower', 2), action('born', 1)];
    expect(changedActions(before, after)).to.deep.equal(['action slower (changed)', 'action born (new)', 'action left (gone)']);
    expect(changedActions(before, [...before].reverse())).to.deep.equal([]);
  });

  it('is a change where the file of the handler is another one', () => {
    expect(isSameAction(action('a', 1), action('a', 1, other))).to.be.false;
    expect(changedActions([action('a', 1)], [action('a', 1, other)])).to.deep.equal(['action a (changed)']);
    expect([isSameAction(action('a', 1), action('a', 1)), isSameAction(action('a', 1), undefined)]).to.deep.equal([true, false]);
  });
});
