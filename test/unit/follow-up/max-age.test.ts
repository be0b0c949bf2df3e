import { expect } from 'chai';
import { isTooOld } from '../../../packages/worker/src/follow-up/max-age.js';

const day = 86_400_000;
const receivedAt = new Date(Date.UTC(2026, 0, 31));
const tooOld = (origin: 'webhook' | 'pull', ageMs: number, maxAgeMs: number | null = null) =>
  isTooOld({ maxAgeMs }, { occurredAt: receivedAt.getTime() - ageMs }, { origin, receivedAt });

describe('an activity that happened long before it was received', () => {
  it('is news by webhook, however old it is', () => {
    expect([tooOld('webhook', 0), tooOld('webhook', 3_650 * day)]).to.deep.equal([false, false]);
  });

  it('calls nobody unasked by any other road, from seven days on', () => {
    expect([tooOld('pull', 7 * day), tooOld('pull', 7 * day + 1)]).to.deep.equal([false, true]);
  });

  it('is as old as the action says, by whichever road', () => {
    for (const origin of ['webhook', 'pull'] as const)
      expect([tooOld(origin, 30 * day, 30 * day), tooOld(origin, 30 * day + 1, 30 * day), tooOld(origin, -1, 0)]).to.deep.equal([
        false,
        true,
        false,
      ]);
  });
});
