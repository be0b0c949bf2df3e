import { expect } from 'chai';
import { Registry } from 'prom-client';
import { IntakeMetrics } from '../../../packages/worker/src/intake/intake-metrics.js';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOfActivities } from '../../support/projection.js';

const hour = 3_600_000;

describe('The lag of the feed', () => {
  it('counts from the newest activity that ever came, not from the last one, and is never below nothing', async () => {
    const registry = new Registry();
    const metrics = new IntakeMetrics(registry);
    const lag = async () => (await registry.getSingleMetric('vidhuk_feed_lag_seconds')?.get())?.values[0]?.value ?? Number.NaN;
    const comes = (agoMs: number) => {
      const activities = [complete({ occurredAt: Date.now() - agoMs, iid: String(agoMs) })];
      metrics.batchDone(batchOfActivities('main', activities), { new: 1, duplicate: 0, rejected: 0 }, 5);
    };
    expect(await lag(), 'before the first').to.be.NaN;
    comes(2 * hour);
    expect(await lag()).to.be.within(7_200, 7_260);
    comes(hour);
    expect(await lag()).to.be.within(3_600, 3_660);
    comes(3 * hour);
    expect(await lag(), 'what comes late').to.be.within(3_600, 3_660);
    comes(-hour);
    expect(await lag(), 'what lies ahead').to.equal(0);
  });
});
