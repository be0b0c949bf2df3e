/** `vidhuk quarantine discard`. */
import { discardRejections } from '@vidhuk/worker/quarantine';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { print } from '../output/print.js';
import { elements, selectElements, type SelectOptions } from './quarantine-select.js';

export async function discardElements(
  environment: CliEnvironment,
  named: readonly number[],
  options: SelectOptions,
): Promise<void> {
  await withDatabase(environment, async (dataSource) => {
    const ids = await selectElements(dataSource, named, options, { verb: 'discard', ask: true });
    const discarded = ids.length > 0 ? await discardRejections(dataSource, ids) : 0;
    if (options.json) print(JSON.stringify({ discarded }));
    else if (ids.length > 0) print(`${elements(discarded)} discarded.`);
  });
}
