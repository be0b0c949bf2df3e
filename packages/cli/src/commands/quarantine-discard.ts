/** `vidhuk quarantine discard`. */
import { discardRejections } from '@vidhuk/worker/quarantine';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { answer } from '../output/answer.js';
import { elements, selectElements, type SelectOptions } from './quarantine-select.js';

export async function discardElements(
  environment: CliEnvironment,
  named: readonly number[],
  options: SelectOptions,
): Promise<void> {
  await withDatabase(environment, async (dataSource) => {
    const ids = await selectElements(dataSource, named, options, { verb: 'discard', ask: true });
    if (ids.length === 0) {
      answer(options, { discarded: 0 }, () => ''); // why has been told
      return;
    }
    const discarded = await discardRejections(dataSource, ids);
    answer(options, { discarded }, () => `${elements(discarded)} discarded.`);
  });
}
