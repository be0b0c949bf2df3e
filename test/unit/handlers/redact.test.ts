import { expect } from 'chai';
import { redact } from '../../../packages/worker/src/handlers/http/redact.js';

describe('a secret that somebody quotes', () => {
  it('is covered whole where a shorter one is a part of it, whichever is named first', () => {
    for (const secrets of [
      ['token', 'token-of-production'],
      ['token-of-production', 'token'],
    ])
      expect(redact('"token-of-production" is not "token"', secrets)).to.equal('"***" is not "***"');
  });

  it('is covered however it is written', () => {
    const secret = 'a/b"c&d';
    const forms = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      String.raw`a/b\"c&d`,
      String.raw`a\/b\"c&d`,
    ];
    expect(redact(forms.join(' '), [secret])).to.equal('*** *** *** *** ***');
  });

  it('is left alone where it is too short to be one', () => {
    expect(redact('an odd answer', ['odd'])).to.equal('an odd answer');
  });
});
