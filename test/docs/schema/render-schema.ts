/** The schema as a file: how it is made, and where it stands. */
import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { readSettings } from './read-settings.js';
import { schemaOfFile } from './schema-of-file.js';

/** From the root of the repository. */
export const schemaPath = 'docs/vidhuk.schema.json';
const settingsPath = 'docs/configuration.md';

/** The text of the file as it has to be. */
export async function renderSchema(): Promise<string> {
  const schema = schemaOfFile(readSettings(await readFile(settingsPath, 'utf8')));
  return format(JSON.stringify(schema), { ...(await resolveConfig(schemaPath)), parser: 'json' });
}
