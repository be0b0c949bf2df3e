/** docs/actions.md: its examples compile, and its tables leave out nothing. */
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { inspectConfiguration } from '../../../packages/shared/src/index.js';
import { ContactStatusEntity } from '../../../packages/worker/src/db/entities/contact-status.js';
import { actionSchema } from '../../../packages/worker/src/follow-up/action-schema.js';
import { compileActions } from '../../../packages/worker/src/follow-up/action.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { singlePayload } from '../../../packages/worker/src/handlers/payload.js';
import { createRegistry } from '../../../packages/worker/src/handlers/registry.js';
import { sampleActivity } from '../../../packages/worker/src/handlers/templates/sample-activity.js';

const variables = { TOKEN: 'a-token', CRM_SECRET: 'a secret', CHAT_PATH: 'a/path', ESPUTNIK_API_KEY: 'a-key' };
const { registry } = createRegistry(builtInHandlers);

describe('the page about actions', () => {
  let page = '';
  const examples: string[] = [];

  before(async () => {
    page = await readFile('docs/actions.md', 'utf8');
    for (const [, yaml = ''] of page.matchAll(/```yaml\n([\s\S]*?)```/g)) examples.push(yaml);
  });

  /** What stands between the heading and the next one of its level or above. */
  const section = (heading: string): string => {
    const level = heading.indexOf(' ');
    const [, after = ''] = page.split(`\n${heading}\n`);
    return after.split(new RegExp(`\n#{1,${level}} `))[0] ?? '';
  };
  /** What stands in code in the first cell of each row. */
  const firstCells = (text: string): string[] =>
    [...text.matchAll(/^\|(.*?)\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));

  it('shows actions that compile, each under a name of its own', () => {
    const actions = examples.flatMap((yaml) => {
      const text = `sources: { main: { tokens: ["\${TOKEN}"] } }\n${yaml}`;
      const { config, problems } = inspectConfiguration(text, 'docs/actions.md', variables);
      expect(problems).to.deep.equal([]);
      return config.actions;
    });
    const compiled = compileActions(actions, registry);
    expect(compiled.problems).to.deep.equal([]);
    expect(compiled.actions).to.have.lengthOf(actions.length);
  });

  it('has an example of each handler, and names every parameter of each', () => {
    for (const { name, params } of builtInHandlers) {
      const about = section(`### \`${name}\``);
      expect(about, name).to.include(`run: ${name}\n`);
      expect(firstCells(about), name).to.have.members(Object.keys(params.properties));
    }
  });

  it('has an example of each condition', () => {
    for (const condition of Object.keys(actionSchema.properties.when.properties))
      expect(section('## `when`'), condition).to.match(new RegExp(`when: .*\\b${condition}: `));
  });

  it('shows every setting of an action, with its default', () => {
    const { properties } = actionSchema;
    const about = section('## Settings of an action');
    for (const name of Object.keys(properties)) expect(about, name).to.match(new RegExp(`\\b${name}: `));
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(about) ?? [];
    const { config } = inspectConfiguration(yaml, 'docs/actions.md', {});
    const [careful] = config.actions as Record<string, unknown>[];
    const [bare] = compileActions([{ name: 'bare', when: {}, run: 'log' }], registry).actions;
    for (const name of ['timeoutMs', 'retry', 'concurrency', 'enabled', 'dryRun'] as const)
      expect(careful?.[name], name).to.deep.equal(bare?.settings[name]);
  });

  it('tells of every field of the payload', () => {
    const payload = singlePayload('sample', sampleActivity);
    const columns = ContactStatusEntity.options.columns;
    const contact = Object.entries(columns).map(([property, column]) => column.name ?? property);
    expect(firstCells(section('## The payload'))).to.have.members([
      ...Object.keys(payload),
      'activity', // heads of the two tables behind the first
      ...Object.keys(payload.activity),
      'contact',
      'previous',
      ...contact,
    ]);
  });
});
