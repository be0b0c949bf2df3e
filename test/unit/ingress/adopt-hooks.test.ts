import { expect } from 'chai';
import { adoptConfiguration } from '../../../packages/ingress/src/adopt-configuration.js';
import { parseConfiguration } from '../../../packages/shared/src/index.js';

const configuration = (workflows: string) =>
  parseConfiguration(`sources: { main: { tokens: [secret], workflows: ${workflows} } }`, 'vidhuk.yaml', {});

it('a running ingress takes the hooks of a changed configuration at once, and tells so', () => {
  const { running, taken, waitsForRestart } = adoptConfiguration(
    configuration('{}'),
    configuration('{ ask: { answer: contact } }'),
  );
  expect(Object.keys(running.sources.main?.workflows ?? {})).to.deep.equal(['ask']);
  expect([taken, waitsForRestart]).to.deep.equal([['workflows of main'], []]);
  expect(adoptConfiguration(running, running).taken).to.deep.equal([]);
});
