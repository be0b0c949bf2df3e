import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, parseConfiguration, readEnvironment } from '../../../packages/shared/src/index.js';

describe('secrets in files', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-secrets-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function file(content: string): Promise<string> {
    const path = join(folder, String(Math.random()));
    await writeFile(path, content);
    return path;
  }

  function problemsOf(work: () => unknown): readonly string[] {
    try {
      work();
    } catch (error) {
      if (error instanceof ConfigurationError) return error.problems;
      throw error;
    }
    throw new Error('no problem was found');
  }
  const yaml = 'sources: { main: { tokens: [${TOKEN}] } }\nactions: [{ with: { secret: "x ${CRM_SECRET}" } }]\n';

  it('DATABASE_URL_FILE, QUEUE_URL_FILE and ADMIN_TOKEN_FILE name files with what the variables would hold', async () => {
    const environment = readEnvironment({
      DATABASE_URL_FILE: await file('postgres://u:p@db/vidhuk\n'),
      QUEUE_URL_FILE: await file('redis://:p@queue:6379\r\n'),
      ADMIN_TOKEN_FILE: await file('admin'),
    });
    expect(environment).to.deep.include({ databaseUrl: 'postgres://u:p@db/vidhuk', queueUrl: 'redis://:p@queue:6379' });
    expect(environment.admin.token).to.equal('admin');
  });

  it('${NAME} takes the content of NAME_FILE: tokens, and secrets of actions', async () => {
    const { sources, actions } = parseConfiguration(yaml, 'vidhuk.yaml', {
      TOKEN_FILE: await file('\ufeff token \n\n'),
      CRM_SECRET_FILE: await file('whsec_1'),
    });
    expect(sources.main?.tokens).to.deep.equal(['token']);
    expect(actions).to.deep.equal([{ with: { secret: 'x whsec_1' } }]);
  });

  it('white space around a variable’s value goes, too, and a token that cannot travel is refused', () => {
    const read = (TOKEN: string) => () => parseConfiguration(yaml, 'vidhuk.yaml', { TOKEN, CRM_SECRET: ' whsec_1\n' });
    expect(read('main-token-0123456789\n')().sources.main?.tokens).to.deep.equal(['main-token-0123456789']);
    expect(read('main-token-0123456789\n')().actions).to.deep.equal([{ with: { secret: 'x whsec_1' } }]);
    expect(problemsOf(read('main-token\n0123456789'))).to.deep.equal([
      'vidhuk.yaml: sources.main.tokens[0]: holds white space or a character that cannot be seen, which gets lost on the way: make a new one',
    ]);
  });

  it('what is in a file cannot change the structure', async () => {
    const content = 'a"],timeZone:Europe/Kyiv}${HOME}';
    const variables = { TOKEN_FILE: await file(content), CRM_SECRET: 'x', HOME: 'hush' };
    expect(parseConfiguration(yaml, 'vidhuk.yaml', variables).sources.main?.tokens).to.deep.equal([content]);
  });

  it('the variable itself wins, unless it is empty', async () => {
    const DATABASE_URL_FILE = await file('postgres://file/x');
    expect(readEnvironment({ DATABASE_URL: 'postgres://own/x', DATABASE_URL_FILE }).databaseUrl).to.equal('postgres://own/x');
    expect(readEnvironment({ DATABASE_URL: '', DATABASE_URL_FILE }).databaseUrl).to.equal('postgres://file/x');
  });

  it('a file that is missing or empty is a problem, told once, with its path', async () => {
    const empty = await file('\n');
    const variables = { DATABASE_URL_FILE: '/nowhere/database', QUEUE_URL_FILE: empty, ADMIN_TOKEN_FILE: folder };
    const problems = problemsOf(() => readEnvironment(variables));
    expect(problems).to.have.length(3);
    expect(problems[0]).to.match(/^DATABASE_URL_FILE .*ENOENT.*\/nowhere\/database/);
    expect(problems[1]).to.equal(`QUEUE_URL_FILE names ${empty}, which is empty`);
    expect(problems[2]).to.match(/^ADMIN_TOKEN_FILE .*EISDIR/);
    const inYaml = problemsOf(() => parseConfiguration(yaml, 'vidhuk.yaml', { TOKEN_FILE: '/nowhere/token', CRM_SECRET: 'x' }));
    expect(inYaml).to.have.length(1);
    expect(inYaml[0]).to.match(/sources\.main\.tokens\[0\]: TOKEN_FILE .*ENOENT/);
  });

  it('what every object has is no variable', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
      expect(
        problemsOf(() => parseConfiguration(`sources: { main: { tokens: ["\${${name}}"] } }`, 'vidhuk.yaml', {}))[0],
      ).to.include(`the environment variable ${name} is not set`);
  });
});
