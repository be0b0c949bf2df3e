import { expect } from 'chai';
import { localWebhookUrl } from '../../../packages/cli/src/local-webhook-url.js';

describe('the webhook URL of this machine', () => {
  it('is that of the ingress when a token is known', () => {
    const url = localWebhookUrl({ INGRESS_PORT: '9000', VIDHUK_MAIN_TOKEN: 'a/b' });
    expect(url).to.equal('http://127.0.0.1:9000/webhooks/esputnik/main/a%2Fb');
    expect(localWebhookUrl({ VIDHUK_MAIN_TOKEN: 't' })).to.equal('http://127.0.0.1:8080/webhooks/esputnik/main/t');
    expect(localWebhookUrl({ INGRESS_PORT: '9000' })).to.equal(undefined);
  });
});
