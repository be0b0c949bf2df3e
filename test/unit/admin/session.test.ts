import { expect } from 'chai';
import { isSession, newSession, sessionCookie } from '../../../packages/worker/src/admin/session.js';

const now = Date.parse('2026-01-01T00:00:00Z');
const hourMs = 3_600_000;

describe('a session of the admin port', () => {
  const session = newSession('token', now);

  it('ends after twelve hours', () => {
    expect(isSession(session, 'token', now + 12 * hourMs - 1)).to.be.true;
    expect(isSession(session, 'token', now + 12 * hourMs)).to.be.false;
  });

  it('ends when the token changes', () => {
    expect(isSession(session, 'another', now)).to.be.false;
  });

  it('does not displace that of another instance on the same host, which has another token', () => {
    expect(sessionCookie('token')).to.equal(sessionCookie('token')).and.not.equal(sessionCookie('another'));
  });
});
