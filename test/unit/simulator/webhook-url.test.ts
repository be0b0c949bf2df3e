import { expect } from 'chai';
import { localWebhookUrl, sourceOf, withoutSecrets } from '../../../packages/simulator/src/webhook-url.js';

describe('the webhook URL', () => {
  it('is that of the ingress on this machine when a token is known', () => {
    const url = localWebhookUrl({ INGRESS_PORT: '9000', VIDHUK_MAIN_TOKEN: 'a/b' });
    expect(url).to.equal('http://127.0.0.1:9000/webhooks/esputnik/main/a%2Fb');
    expect(localWebhookUrl({ VIDHUK_MAIN_TOKEN: 't' })).to.equal('http://127.0.0.1:8080/webhooks/esputnik/main/t');
    expect(localWebhookUrl({ INGRESS_PORT: '9000' })).to.equal(undefined);
  });

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
