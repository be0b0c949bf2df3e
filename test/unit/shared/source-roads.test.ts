import { expect } from 'chai';
import { ConfigurationError, isReadByIngress, parseConfiguration } from '../../../packages/shared/src/index.js';

const parse = (main: string, isRead?: typeof isReadByIngress) =>
  parseConfiguration(`sources: { main: { tokens: [token-of-main-1], ${main} } }`, 'vidhuk.yaml', {}, isRead).sources.main;
const problemsOf = (main: string): readonly string[] => {
  try {
    parse(main);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
};

describe('The other roads of a source in the configuration', () => {
  it('have defaults', () => {
    expect(
      parse('platform: { apiKey: k }, reconcile: { every: 6h }, export: { database: "postgres://db/export" }'),
    ).to.deep.include({
      platform: { apiKey: 'k', baseUrl: 'https://esputnik.com/api', allowPrivateNetwork: false },
      reconcile: { every: '6h', overlap: '2d', from: ['pull'] },
      export: { database: 'postgres://db/export', schema: 'esputnik' },
    });
    expect(parse('maxAhead: 1d')).to.not.have.any.keys('platform', 'reconcile', 'export');
  });

  const problems: [string, string][] = [
    ['reconcile: { every: 6h }', 'sources.main.reconcile.from: "pull" needs platform: { apiKey } of the same source'],
    [
      'reconcile: { every: 6h, from: [export] }',
      'sources.main.reconcile.from: "export" needs export: { database } of the same source',
    ],
    ['platform: { apiKey: k }, reconcile: { every: 30s }', 'sources.main.reconcile.every: must be a minute at least'],
    ['platform: { apiKey: k }, reconcile: { every: soon }', 'sources.main.reconcile.every: must be a duration such as'],
    ['platform: { apiKey: k }, reconcile: { every: 6h, from: [fax] }', 'sources.main.reconcile.from[0]: must be pull or export'],
    ['platform: { apiKey: k, baseUrl: esputnik.com }', 'sources.main.platform.baseUrl: must be a URL that begins with https://'],
    ['export: { database: "mysql://db/x" }', 'sources.main.export.database: must be a URL that begins with postgres://'],
    ['platform: { apiKey: "k\\u200b" }', 'sources.main.platform.apiKey: holds white space or a character that cannot be seen'],
    ['platform: { apiKey: "k k" }', 'sources.main.platform.apiKey: holds white space'],
    ['platform: { key: k }', 'sources.main.platform: unknown setting "key"'],
  ];
  for (const [main, problem] of problems)
    it(`says of ${main} what is wrong`, () => {
      expect(problemsOf(main).join('\n')).to.include(`vidhuk.yaml: ${problem}`);
    });

  it('need not be known where the ingress runs', () => {
    const main = 'platform: { apiKey: "${KEY}", baseUrl: "${URL}" }, export: { database: "${EXPORT}" }, reconcile: { every: 6h }';
    expect(problemsOf(main)).to.have.length(3);
    expect(parse(main, isReadByIngress)?.tokens).to.deep.equal(['token-of-main-1']);
  });
});
