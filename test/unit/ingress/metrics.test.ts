import { expect } from 'chai';
import { Registry } from 'prom-client';
import { IngressMetrics } from '../../../packages/ingress/src/metrics.js';
import { ByteBudget } from '../../../packages/shared/src/index.js';

describe('metrics of the ingress', () => {
  it('tell how many large bodies wait for another one', async () => {
    const registry = new Registry();
    const budget = new ByteBudget(100, 60);
    new IngressMetrics(registry, budget, { fill: Number.NaN });
    const waiting = async () =>
      Number(
        /^vidhuk_large_bodies_waiting (\d+)$/m.exec(await registry.getSingleMetricAsString('vidhuk_large_bodies_waiting'))?.[1],
      );
    const shares = [1, 2, 3].map(() => budget.share(10_000));
    const held = shares.map((share) => share.hold(61));
    await held[0];
    expect(await waiting()).to.equal(2);
    for (const [nth, share] of shares.entries()) {
      await held[nth];
      share.release();
    }
    expect(await waiting()).to.equal(0);
  });
});
