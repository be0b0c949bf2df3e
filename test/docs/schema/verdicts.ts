/** Two opinions of one configuration: that of the program, and that of the schema. */
import { Ajv, type ValidateFunction } from 'ajv';
import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import {
  ConfigurationError,
  configurationSchema,
  inspectConfiguration,
  type Variables,
} from '../../../packages/shared/src/index.js';
import { compileActions } from '../../../packages/worker/src/follow-up/action.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { createRegistry } from '../../../packages/worker/src/handlers/registry.js';
import { schemaPath } from './render-schema.js';

/** Each `${NAME}` is taken to be set; the content does for everything. */
const everyVariable: Variables = new Proxy(
  {},
  {
    get: () => 'x',
    getOwnPropertyDescriptor: () => ({ value: 'x', configurable: true }),
  },
);

const { registry } = createRegistry(builtInHandlers);

const isSettings = new Ajv({ formats: { 'time-zone': true }, allowUnionTypes: true }).compile(configurationSchema);

/** What the schema of the program says against this, without actions and time zones; the program itself compiles it anew for each file. */
export const problemsOfSettings = (value: unknown): string[] => (isSettings(value) ? [] : (isSettings.errors ?? []).map(String));

/** What the program says against these actions. */
export const problemsOfActions = (actions: readonly unknown[]): string[] => compileActions(actions, registry).problems;

/** What the program says against a file. Handlers of one's own are not loaded: what runs them is not looked at. */
export function problemsOfProgram(text: string): string[] {
  try {
    const { config, problems } = inspectConfiguration(text, 'vidhuk.yaml', everyVariable);
    const actions = Array.isArray(config.actions) ? problemsOfActions(config.actions) : [];
    const hasOwn = Array.isArray(config.handlers) && config.handlers.length > 0;
    return [...problems, ...actions.filter((problem) => !hasOwn || !problem.includes('there is no handler'))];
  } catch (error) {
    if (error instanceof ConfigurationError) return [...error.problems];
    throw error;
  }
}

/** The schema as it stands in the repository. */
export async function readValidator(): Promise<ValidateFunction> {
  return new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(await readFile(schemaPath, 'utf8')) as object);
}

/** What the schema says against a value. */
export function problemsOfValue(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath}: ${message}`);
}

/** And against a text: `${NAME}` is a text, as in block style. In `[ ]` and `{ }`, which Vidhuk takes too, YAML ends a text at its brace. */
export function problemsOfSchema(validate: ValidateFunction, text: string): string[] {
  const value: unknown = parseDocument(text.replace(/\$\{([^{}\n]*)\}/g, '\uE000$1\uE001')).toJS() ?? {};
  const shown = JSON.stringify(value).replace(/\uE000([^\uE001]*)\uE001/g, '${$1}');
  return problemsOfValue(validate, JSON.parse(shown));
}
