import { expect } from 'chai';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { generateBatches } from '../../../packages/simulator/src/generate.js';

describe('broken elements', () => {
  it('are quarantined by the worker with their exact text, each of them and nothing else', () => {
    for (const { body, elements } of generateBatches({ seed: 21, activities: 1_000, broken: 0.2, batchSize: 250 })) {
      const { total, activities, rejections } = parseBatch(Buffer.from(body), { source: 'main', timeZone: 'UTC' });
      expect(total).to.equal(elements.length);
      const expected = elements.flatMap(({ text, broken }, position) =>
        broken === null ? [] : [{ position, broken, raw: text }],
      );
      expect(rejections.map(({ position, raw }) => ({ position, raw, broken: elements[position]?.broken }))).to.deep.equal(
        expected,
      );
      expect(activities).to.have.lengthOf(elements.length - expected.length);
    }
  });
});
