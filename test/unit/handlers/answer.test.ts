import { expect } from 'chai';
import { GoneError, PermanentError, UnavailableError } from '../../../packages/shared/src/index.js';
import { checkAnswer, retryAfterMs } from '../../../packages/worker/src/handlers/http/answer.js';

const from = 'https://crm.example.com';
const thrownBy = (status: number, body = '', headers: Record<string, string> = {}, secrets: string[] = []): unknown => {
  try {
    checkAnswer({ status, headers, body }, { from, secrets });
    return null;
  } catch (error) {
    return error;
  }
};
const messageFor = (...args: Parameters<typeof thrownBy>): string => (thrownBy(...args) as Error).message;

describe('checkAnswer', () => {
  it('takes every 2xx for done', () => {
    for (const status of [200, 201, 202, 204, 299]) expect(thrownBy(status), String(status)).to.equal(null);
  });

  it('repeats what may say something of the receiver alone: also what comes while it is deployed anew behind a load balancer', () => {
    for (const status of [301, 302, 307, 308, 401, 403, 404, 405, 408, 409, 425, 429, 451, 500, 501, 502, 503, 504, 599])
      expect(thrownBy(status), String(status)).to.be.instanceOf(UnavailableError);
  });

  it('never repeats what says that this very call is wrong', () => {
    for (const status of [400, 413, 415, 422]) expect(thrownBy(status), String(status)).to.be.instanceOf(PermanentError);
  });

  it('takes other statuses for final where it is told to', () => {
    const final = (status: number) => () => checkAnswer({ status, headers: {}, body: '' }, { from, final: [404] });
    expect(final(404)).to.throw(PermanentError);
    expect(final(400)).to.throw(UnavailableError);
  });

  it('takes 410 for the end of these calls', () => {
    expect(thrownBy(410)).to.be.instanceOf(GoneError);
  });

  it('hands on how long the receiver wants to be left alone', () => {
    expect(thrownBy(503, '', { 'retry-after': '120' })).to.have.property('retryAfterMs', 120_000);
    expect(thrownBy(503)).to.have.property('retryAfterMs', 0);
  });

  it('quotes the answer on one line, 300 characters at most', () => {
    expect(messageFor(400, 'no\r\n\u0000such\u001b[31m \u202euser')).to.equal(`${from} answered 400: no such [31m user`);
    expect(messageFor(400, 'x'.repeat(1_000))).to.have.lengthOf(`${from} answered 400: `.length + 300);
    expect(messageFor(404)).to.equal(`${from} answered 404`);
  });

  it('quotes no secret, in whichever form it comes back, nor the half of one', () => {
    const secret = 'key/with=signs"';
    const forms = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      JSON.stringify(secret).slice(1, -1),
      JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'), // as PHP writes JSON
    ];
    for (const form of forms)
      expect(messageFor(401, `not known: ${form}!`, {}, [secret])).to.equal(`${from} answered 401: not known: ***!`);
    expect(messageFor(401, `${'x'.repeat(295)}${secret}`, {}, [secret])).not.to.include('key');
  });
});

describe('retryAfterMs', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it('reads seconds and HTTP dates', () => {
    expect(retryAfterMs('0', now)).to.equal(0);
    expect(retryAfterMs('90', now)).to.equal(90_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', now)).to.equal(60_000);
  });

  it('reads what others write: a time since 1970, in seconds or ms, a fraction, and the header twice', () => {
    expect(retryAfterMs(String(now / 1_000 + 20), now)).to.equal(20_000);
    expect(retryAfterMs(String(now + 20_000), now)).to.equal(20_000);
    expect(retryAfterMs('90.5', now)).to.equal(91_000);
    expect(retryAfterMs('90, 90', now)).to.equal(90_000);
    expect(retryAfterMs('30, 90', now)).to.equal(90_000);
    expect(retryAfterMs(String(now / 1_000 - 20), now)).to.equal(0);
    for (const header of ['90s', '90 sec', '90 Seconds', '"90"', '90 s, 90 s'])
      expect(retryAfterMs(header, now), header).to.equal(90_000);
    const date = 'Thu, 01 Jan 2026 00:01:00 GMT';
    expect(retryAfterMs(`${date}, ${date}`, now)).to.equal(60_000);
    expect(retryAfterMs('2026-01-01T00:01:00Z', now)).to.equal(60_000);
  });

  it('takes the past, nonsense and nothing for no wish at all', () => {
    // Of words with a number in them Date.parse makes a year: "wait 40" is 2040 to it.
    for (const header of ['Wed, 31 Dec 2025 23:00:00 GMT', 'soon', 'wait 40', 'after 2030', '-5x', '', undefined])
      expect(retryAfterMs(header, now), String(header)).to.equal(0);
  });

  it('waits a day at most', () => {
    for (const header of ['999999', '9'.repeat(400), 'Thu, 01 Jan 2099 00:00:00 GMT'])
      expect(retryAfterMs(header, now)).to.equal(86_400_000);
  });
});
