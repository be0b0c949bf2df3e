import { expect } from 'chai';
import { sourceOf, withoutSecrets } from '../../../packages/simulator/src/webhook-url.js';

describe('the webhook URL', () => {
  it('names the source', () => {
    expect(sourceOf('http://h/webhooks/esputnik/shop/token')).to.equal('shop');
    expect(sourceOf('http://user:token@h/webhooks/esputnik/shop')).to.equal('shop');
    expect(sourceOf('http://h/elsewhere')).to.equal('main');
  });

  it('is shown without its secrets', () => {
    const shown = withoutSecrets('https://user:secret@h:1/webhooks/esputnik/shop/secret?key=secret');
    expect(shown).to.equal('https://h:1/webhooks/esputnik/shop/…');
    expect(withoutSecrets('http://h/webhooks/esputnik/shop')).to.include('/shop').and.not.include('%');
  });
});
