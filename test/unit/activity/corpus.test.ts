import { expect } from 'chai';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { readCorpus } from '../../support/corpus.js';

describe('the corpus of hostile bodies, parsed', () => {
  for (const { name, body, expected } of readCorpus())
    it(name.replaceAll('-', ' '), () => {
      const { total, activities, rejections } = parseBatch(body, { source: 'main', timeZone: 'UTC', latest: Date.now() });
      expect(rejections.map(({ position, reason }) => [position, reason])).to.deep.equal(expected.refused);
      expect(activities.length).to.equal(expected.taken);
      expect(total).to.equal(expected.taken + expected.refused.length);
    });
});
