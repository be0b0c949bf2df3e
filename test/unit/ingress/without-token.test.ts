import { expect } from 'chai';
import { withoutToken } from '../../../packages/ingress/src/without-token.js';

describe('The query of a workflow request', () => {
  it('loses its token, however it is written, and keeps everything else byte for byte', () => {
    for (const [search, query, token] of [
      ['', '', undefined],
      ['?', '', undefined],
      ['?a=%20&b=+&c', 'a=%20&b=+&c', undefined],
      ['?token=x', '', 'x'],
      ['?a=1&token=x%2By&b=2', 'a=1&b=2', 'x%2By'],
      ['?%74oken=x&token=y', '', 'x'],
      ['?token', '', ''],
      ['?tokens=1&Token=2', 'tokens=1&Token=2', undefined],
      ['?token=a=b', '', 'a=b'],
      ['?%=1&%E0%A4%A=2', '%=1&%E0%A4%A=2', undefined],
    ] as const)
      expect(withoutToken(search), search).to.deep.equal({ query, token });
  });
});
