import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localWebhookUrl } from '../../../packages/cli/src/local-webhook-url.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

describe('the webhook URL of this machine', () => {
  it('is that of the first source of the configuration, with its first token', async () => {
    const VIDHUK_CONFIG = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(VIDHUK_CONFIG, 'sources: { shop: { tokens: [a/b, old] }, main: { tokens: [c] } }\n');
    const url = await localWebhookUrl({ INGRESS_PORT: '9000', VIDHUK_CONFIG, VIDHUK_MAIN_TOKEN: 'c' });
    expect(url).to.equal('http://127.0.0.1:9000/webhooks/esputnik/shop/a%2Fb');
  });
  it('is that of the source main where there is no configuration, when its token is known', async () => {
    const VIDHUK_CONFIG = '/nowhere/vidhuk.yaml';
    const url = await localWebhookUrl({ VIDHUK_CONFIG, VIDHUK_MAIN_TOKEN: 't' });
    expect(url).to.equal('http://127.0.0.1:8080/webhooks/esputnik/main/t');
    expect(await localWebhookUrl({ VIDHUK_CONFIG, INGRESS_PORT: '9000' })).to.equal(undefined);
  });
});
