import { expect } from 'chai';
import fc from 'fast-check';
import { compileActions } from '../../../packages/worker/src/follow-up/action.js';
import { makeSample } from '../../../packages/worker/src/follow-up/make-sample.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { createRegistry } from '../../../packages/worker/src/handlers/registry.js';

const { registry } = createRegistry(builtInHandlers);
const optIn = { endsUnsubscribed: true, endsComplaint: false };
const source = { tokens: ['t'], timeZone: 'UTC', optIn, maxAhead: '1d', workflows: {} };
const sources = { main: source, shop: source };

function actionOf(when: object) {
  const { actions, problems } = compileActions([{ name: 'a', when, run: 'log' }], registry);
  if (actions[0] === undefined) throw new Error(problems.join());
  return actions[0];
}

describe('A made-up activity', () => {
  it('is an unsubscription by e-mail for the example of the docs', () => {
    const sample = makeSample(actionOf({ status: ['UNSUBSCRIBED', 'SPAM'], mediaType: 'email' }), sources);
    expect(sample).to.include({ status: 'UNSUBSCRIBED', mediaType: 'email', address: 'sample@example.com', source: 'main' });
  });

  const someOf = <T>(...values: T[]) =>
    fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 }), { nil: undefined });
  const parts = {
    status: someOf('DELIVERED', 'opened', 'UNSUBSCRIBED', 'SUBSCRIPTION_CHANGED', 'NEW_ONE'),
    mediaType: someOf('email', 'Web Push', 'viber'),
    source: someOf('main', 'shop'),
    messageTag: someOf('sample', 'sale'),
    messageId: someOf(1, 2, 3),
  };
  const defined = (given: object) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

  it('matches whatever condition it is made for', () => {
    fc.assert(
      fc.property(fc.record(parts), fc.constantFrom('messageTag', 'messageId', 'mediaType', 'none'), (wanted, left) => {
        // What is left out is not wanted at the same time.
        const not = { messageTag: 'sample', messageId: [1, 2], mediaType: 'email' };
        const when = {
          ...defined({ ...wanted, [left]: undefined }),
          not: left === 'none' ? {} : { [left]: not[left as 'messageTag'] },
        };
        const action = actionOf(when);
        expect(action.when.mismatches(makeSample(action, sources))).to.deep.equal([]);
      }),
    );
  });

  for (const becomes of ['blacklisted', 'unsubscribed', 'reachable'])
    it(`turns a contact ${becomes} for an action that waits for that`, () => {
      const action = actionOf({ becomes });
      expect(action.when.mismatches(makeSample(action, sources))).to.deep.equal([]);
    });

  for (const when of [
    { status: 'SPAM', not: { status: 'SPAM' } },
    { becomes: 'blacklisted', status: 'READ' },
    { source: 'main', not: { source: 'main' } },
    { mediaType: 'sms', addressDomain: 'example.com' },
  ])
    it(`cannot be made where the condition contradicts itself: ${JSON.stringify(when)}`, () => {
      expect(() => makeSample(actionOf(when), sources)).to.throw(/^no activity can match this condition: when\./);
    });
});
