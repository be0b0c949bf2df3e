import { expect } from 'chai';
import { until } from '../../support/poll.js';
import { endServices, startService } from '../../support/processes.js';
import { openStores } from '../../support/stores.js';

const config = `
sources: { main: { tokens: [test-token-test-token] } }
actions:
  - { name: elsewhere, when: { source: mian }, run: log }
  - { name: sound, when: { source: main }, run: log }
`;

describe('A worker with a condition that can hardly hold', () => {
  it('warns of it when it starts, and starts', async () => {
    const stores = await openStores('postgres');
    try {
      const worker = await startService('worker', { ...stores, config });
      await worker.address();
      const warnings = () => worker.lines().filter(({ msg }) => String(msg).startsWith('it may never be called'));
      await until('it warns', () => warnings().length > 0);
      expect(warnings().map(({ level, action, msg }) => [level, action, msg])).to.deep.equal([
        [40, 'elsewhere', 'it may never be called: when.source: "mian": there is no such source: did you mean "main"?'],
      ]);
    } finally {
      await endServices();
      await stores.drop();
    }
  });
});
