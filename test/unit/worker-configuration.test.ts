import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../packages/shared/src/index.js';
import { loadWorkerConfiguration } from '../../packages/worker/src/worker-configuration.js';

const handler = (name: string, more = '') => `export default ({ defineHandler, Type }) => defineHandler({
  name: '${name}', description: 'is ${name}', params: Type.Object({}), run: async () => undefined, ${more}
});`;

describe('the configuration of a worker', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'vidhuk-configuration-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** `files`: handlers' files by name. Without the path that stands before each problem. */
  const problemsOf = async (files: Record<string, string>, more: string): Promise<string[]> => {
    const path = join(folder, 'vidhuk.yaml');
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const handlers = Object.keys(files).map((name) => `./${name}`);
    await writeFile(path, `sources: { main: { tokens: [secret] } }\nhandlers: [${handlers.join(', ')}]\n${more}\n`);
    try {
      await loadWorkerConfiguration(path, {});
      return [];
    } catch (error) {
      if (error instanceof ConfigurationError) return error.problems.map((problem) => problem.replace(`${path}: `, ''));
      throw error;
    }
  };
  const act = (run: string) => `{ name: ${run}, when: {}, run: ${run} }`;

  it('is told with all that is wrong in it at once: settings, handlers, their names, actions', async () => {
    const files = { 'broken.mjs': 'throw new Error("no settings")', 'log.mjs': handler('log'), 'crm.mjs': handler('crm') };
    const problems = await problemsOf(
      files,
      `qeue: {}\nactions: [${act('crm')}, { name: b, when: { statuss: READ }, run: log }]`,
    );
    const expected = [
      /unknown setting "qeue"/,
      /^handlers\[0\] \(\.\/broken\.mjs\): cannot be loaded: no settings$/,
      /^handlers: two are named "log", one that "writes a log line; .*" and one that "is log": rename one$/,
      /^actions\[1\]\.when: unknown setting "statuss"/,
    ];
    for (const each of expected)
      expect(
        problems.filter((problem) => each.test(problem)),
        String(each),
      ).to.have.lengthOf(1);
    expect(problems, 'and nothing is blamed for the faults of others').to.have.lengthOf(expected.length);
  });

  it('names the action and the handler whose own check is broken', async () => {
    for (const [check, what] of [
      ["check: () => { throw new Error('oh') }", 'the check of its handler "crm" failed: oh'],
      ["check: () => 'url is wrong'", 'the check of its handler "crm" gave no list of texts'],
      ['check: () => [5]', 'the check of its handler "crm" gave no list of texts'],
    ] as const)
      expect(await problemsOf({ 'crm.mjs': handler('crm', check) }, `actions: [${act('crm')}]`)).to.deep.equal([
        `actions[0] (crm).with: ${what}`,
      ]);
    expect(await problemsOf({ 'crm.mjs': handler('crm', 'check: 5') }, `actions: [${act('log')}]`)).to.deep.equal([
      'handlers[0] (./crm.mjs): its default export threw: the handler "crm" has a "check" that is no function',
    ]);
  });

  it('takes a check that finds nothing, in whichever way it says so', async () => {
    for (const check of ['check: () => []', 'check: () => undefined'])
      expect(await problemsOf({ 'crm.mjs': handler('crm', check) }, `actions: [${act('crm')}]`)).to.deep.equal([]);
  });
});
