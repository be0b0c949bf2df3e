/** `npm run schema`: writes the JSON Schema of vidhuk.yaml anew. */
import { writeFile } from 'node:fs/promises';
import { renderSchema, schemaPath } from './render-schema.js';

await writeFile(schemaPath, await renderSchema());
