import { expect } from 'chai';
import { findSource, hasToken, isPathToken, isTokenOfAny, pathTokenOf } from '../../../packages/ingress/src/authenticate.js';

const source = (...tokens: string[]) => ({ tokens, timeZone: 'UTC', workflows: {} });
const main = source('first-token', 'a/b?c=d', '50%off', 'ключ-до-дверей');
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('A token in the path', () => {
  const token = (path: string, search = '') => pathTokenOf(`/webhooks/esputnik/main${path}`, search, 4);

  it('is all that stands behind the source, as it was sent', () => {
    expect(token('/a/b', '?c=d')).to.deep.equal({ token: 'a/b', search: '?c=d' });
    expect(token('/a%2Fb')).to.deep.equal({ token: 'a%2Fb', search: '' });
    for (const none of ['', '/', '//']) expect(token(none), none).to.equal(undefined);
  });

  it('is one of the source in any of its spellings, with a slash of the writer behind it', () => {
    for (const [given, search] of [
      ['first-token'],
      ['first-token/'],
      ['a/b', '?c=d'],
      ['a%2Fb%3Fc%3Dd'],
      ['50%off'],
      ['50%25off'],
      [encodeURIComponent('ключ-до-дверей')],
    ] as const)
      expect(isPathToken(main, { token: given, search: search ?? '' }), given).to.be.true;
    for (const given of ['', 'first-toke', 'first-token//', 'First-token', 'a/b', '50%2off'])
      expect(isPathToken(main, { token: given, search: '' }), given).to.be.false;
  });
});

describe('A request', () => {
  it('brings its token in a header, in whichever way clients write what is no ASCII', () => {
    const utf8 = Buffer.from('ключ-до-дверей', 'utf8').toString('latin1');
    for (const headers of [
      { 'x-webhook-token': 'first-token' },
      { 'x-webhook-token': utf8 },
      { authorization: 'Bearer first-token' },
      { authorization: basic('anybody:first-token') },
      { authorization: basic(':ключ-до-дверей') },
    ])
      expect(hasToken(main, undefined, headers), JSON.stringify(headers)).to.be.true;
    for (const headers of [
      {},
      { 'x-webhook-token': '' },
      { authorization: 'first-token' },
      { authorization: basic('first-token') },
    ])
      expect(hasToken(main, undefined, headers), JSON.stringify(headers)).to.be.false;
  });

  it('is judged by its path first, then by its headers, then by its query', () => {
    const right = { 'x-webhook-token': 'first-token' };
    const wrong = { 'x-webhook-token': 'another' };
    const [inPath, notInPath] = [
      { token: 'first-token', search: '' },
      { token: 'another', search: '' },
    ];
    expect(hasToken(main, inPath, wrong)).to.be.true;
    expect(hasToken(main, notInPath, right, 'first-token')).to.be.false;
    expect(hasToken(main, undefined, wrong, 'first-token')).to.be.false;
    expect(hasToken(main, undefined, { authorization: basic('a:another') }, 'first-token')).to.be.false;
    expect(hasToken(main, undefined, {}, 'first-token')).to.be.true;
    expect(hasToken(main, undefined, {}, '50%25off')).to.be.true;
    expect(hasToken(main, undefined, {})).to.be.false;
  });

  it('may bring the token of any source, wherever that stands among them', () => {
    const sources = { main, shop: source('of-the-shop') };
    const header = (token: string) => isTokenOfAny(sources, undefined, { 'x-webhook-token': token });
    expect(['first-token', 'of-the-shop', 'of-nobody'].map(header)).to.deep.equal([true, true, false]);
  });
});

describe('A source', () => {
  it('is one of the configuration, not what every object has', () => {
    expect(findSource({ main }, 'main')).to.equal(main);
    for (const none of ['constructor', '__proto__', 'shop', undefined]) expect(findSource({ main }, none)).to.equal(undefined);
  });
});
