import { expect } from 'chai';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { createSigner, secretProblem } from '../../../packages/worker/src/handlers/http/sign.js';
import { verifyWebhook } from '../../support/verify-webhook.js';

const id = '01a20d59-b9a6-76a4-afb6-82ae3b4bd34c';
const now = new Date();
const signed = (secrets: readonly string[], body: string) => ({ body, headers: createSigner(secrets)(id, body, now) });

describe('a signature', () => {
  it('is one that the library of Standard Webhooks accepts, whatever the secret and the body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.string({ unit: 'binary' }), (key, body) => {
        const secret = `whsec_${Buffer.from(key).toString('base64')}`;
        verifyWebhook(secret, signed([secret], JSON.stringify(body)));
      }),
    );
  });

  it('is one of two during rotation, and either secret accepts the call', () => {
    const secrets = [randomBytes(24), randomBytes(64)].map((key) => `whsec_${key.toString('base64')}`);
    const call = signed(secrets, '{"a":"ї"}');
    for (const secret of secrets) verifyWebhook(secret, call);
    const [first, second] = secrets.map((secret) => signed([secret], '{"a":"ї"}').headers['webhook-signature']);
    expect(call.headers['webhook-signature'], 'a list with spaces, the first secret first').to.equal(`${first} ${second}`);
    expect(first).to.match(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(() => verifyWebhook(`whsec_${randomBytes(24).toString('base64')}`, call)).to.throw('No matching signature');
    expect(() => verifyWebhook(secrets[0]!, { ...call, body: '{"a":"i"}' })).to.throw('No matching signature');
  });

  it('is not made with what cannot be seen, or with half of base64', () => {
    for (const secret of ['a secret', 'whsec_AAAA', 'ключ']) expect(secretProblem(secret), secret).to.equal(null);
    for (const secret of ['', ' ', 'key\u200b', 'key\r\nkey', 'whsec_AAA', 'whsec_A A'])
      expect(secretProblem(secret), secret).not.to.equal(null);
  });

  it('is not there without a secret', () => {
    expect(Object.keys(signed([], '{}').headers)).to.deep.equal(['webhook-id', 'webhook-timestamp']);
  });
});
