import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { actionSchema } from '../../../packages/worker/src/follow-up/action-schema.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { configurationSchema, readEnvironment, type Variables } from '../../../packages/shared/src/index.js';
import { plain, type SchemaObject } from '../../docs/schema/json-schema.js';
import { readSettings } from '../../docs/schema/read-settings.js';

/** Those with a section of their own. */
const sections = ['when', 'with', 'not'];

/** `name default` of every setting that a value can be given to. */
function settingsIn(schema: SchemaObject, isTop = false): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (typeof property === 'boolean') return [];
    const isGroup = !isTop && property.properties !== undefined && !sections.includes(name);
    if (isGroup) return settingsIn(property).map((inner) => `${name}.${inner}`);
    return [`${name} ${fallbackOf(property.default, schema.required?.includes(name) === true)}`];
  });
}

function fallbackOf(value: unknown, isRequired: boolean): string {
  if (value === undefined) return isRequired ? 'required' : '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

describe('docs/configuration.md', () => {
  const file = plain(configurationSchema);
  const section = (name: string) => file.properties?.[name] as SchemaObject;
  const hooks = (section('sources').additionalProperties as SchemaObject).properties?.workflows as SchemaObject;
  const action = plain(actionSchema);
  const expected: Record<string, string[]> = {
    '': settingsIn(file, true),
    sources: settingsIn(section('sources').additionalProperties as SchemaObject),
    retention: settingsIn(section('retention')),
    workflows: settingsIn(hooks.additionalProperties as SchemaObject),
    queue: settingsIn(section('queue')),
    ingress: settingsIn(section('ingress')),
    worker: settingsIn(section('worker')),
    actions: settingsIn(action),
    when: settingsIn(action.properties?.when as SchemaObject),
    ...Object.fromEntries(builtInHandlers.map(({ name, params }) => [name, settingsIn(plain(params))])),
  };

  it('has a table for each section and no other', async () => {
    const named = readSettings(await readFile('docs/configuration.md', 'utf8')).map((setting) => setting.section);
    expect([...new Set(named)]).to.have.members(Object.keys(expected));
  });

  for (const [name, settings] of Object.entries(expected))
    it(`names every setting of ${name || 'the top level'}, with its default, and no other`, async () => {
      const rows = readSettings(await readFile('docs/configuration.md', 'utf8')).filter((setting) => setting.section === name);
      expect(rows.map((row) => `${row.name} ${row.fallback}`)).to.have.members(settings);
    });

  it('names every variable of the environment', async () => {
    const page = await readFile('docs/configuration.md', 'utf8');
    const names = [...namesReadBy(readEnvironment)].filter((name) => !name.endsWith('_FILE')); // a sentence says of which there are such
    expect(names.filter((name) => !page.includes(`| \`${name}\` |`))).to.deep.equal([]);
  });
});

/** The variables that are asked for, whatever they hold; those of NAME_FILE follow from NAME. */
function namesReadBy(read: (variables: Variables) => unknown): Set<string> {
  const names = new Set<string>();
  const values: Variables = { DATABASE_URL: 'postgres://localhost/vidhuk', QUEUE_URL: 'redis://localhost', ADMIN_TOKEN: 'x' };
  const spy = <T>(name: string | symbol, result: T): T => {
    if (typeof name === 'string' && /^[A-Z_]+$/.test(name)) names.add(name);
    return result;
  };
  read(
    new Proxy(values, {
      get: (target, name) => spy(name, Reflect.get(target, name) as unknown),
      getOwnPropertyDescriptor: (target, name) => spy(name, Reflect.getOwnPropertyDescriptor(target, name)),
    }),
  );
  return names;
}
