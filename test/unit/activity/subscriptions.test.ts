import { expect } from 'chai';
import { readSubscriptions } from '../../../packages/worker/src/activity/normalise.js';

describe('readSubscriptions', () => {
  for (const list of ['subscriptions', 'subscriptons']) {
    const keys = { [list]: ['news', 'offers'] };
    for (const [place, element] of Object.entries<Record<string, unknown>>({
      'at the top': keys,
      'in subscription': { subscription: keys },
      'in subscripton': { subscripton: keys },
      'in statusData': { statusData: keys },
      'in statusData.subscription': { statusData: { subscription: keys } },
      'in statusData.subscripton': { statusData: { subscripton: keys } },
      'in a list of statusData': { statusData: [7, { subscription: keys }] },
    }))
      it(`finds ${list} ${place}`, () => {
        expect(readSubscriptions(element)).to.deep.equal(['news', 'offers']);
      });
  }

  it('gives the keys sorted, each once', () => {
    expect(readSubscriptions({ subscriptions: ['b', 'a', 'b'] })).to.deep.equal(['a', 'b']);
  });

  it('tells an empty list from none', () => {
    expect(readSubscriptions({ statusData: { subscription: { subscriptions: [] } } })).to.deep.equal([]);
    expect(readSubscriptions({ statusData: {} })).to.be.null;
    expect(readSubscriptions({})).to.be.null;
  });

  it('takes a whole number for a key of digits', () => {
    expect(readSubscriptions({ subscriptions: [7, '7', 'a'] })).to.deep.equal(['7', 'a']);
  });

  it('looks further where a place is empty', () => {
    expect(readSubscriptions({ subscriptions: null, statusData: { subscription: keysOf('a') } })).to.deep.equal(['a']);
  });

  for (const broken of ['news', { news: true }, [7.5], [null], [['news']], true])
    it(`says that ${JSON.stringify(broken)} is no list of keys`, () => {
      expect(readSubscriptions({ statusData: { subscriptions: broken } })).to.equal('invalid');
    });

  for (const statusData of [null, 'text', 7, [], [[]]])
    it(`finds nothing in statusData ${JSON.stringify(statusData)}`, () => {
      expect(readSubscriptions({ statusData })).to.be.null;
    });
});

const keysOf = (...subscriptions: string[]) => ({ subscriptions });
