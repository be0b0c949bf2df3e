/** `vidhuk quarantine export`: elements as lines of JSON, to be mended by any tool and given back to `retry --from`. */
import { prettyJson, readRejection, selectRejectionIds } from '@vidhuk/worker/quarantine';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { print } from '../output/print.js';
import { filterOf, type FilterOptions } from './quarantine-select.js';

/** Oldest first; one line each, so that a file of any size can be read line by line. What is no JSON is a text. */
export async function exportElements(environment: CliEnvironment, options: FilterOptions): Promise<void> {
  await withDatabase(environment, async (dataSource) => {
    for (const id of await selectRejectionIds(dataSource, filterOf(options))) {
      const row = await readRejection(dataSource, id, false);
      if (row === null) continue; // resolved meanwhile
      const { source, reason, detail, raw } = row;
      const head = JSON.stringify({ id, source, reason, detail }).slice(0, -1);
      const element = isJson(raw) ? oneLine(raw) : raw;
      // What is nested too deeply cannot be laid out anew: it goes as a text.
      const isLine = isJson(raw) && !/[\r\n]/.test(element);
      print(`${head},"element":${isLine ? element : JSON.stringify(raw)}}`);
    }
  });
}

const oneLine = (raw: string): string => (raw.includes('\n') || raw.includes('\r') ? prettyJson(raw, 0) : raw);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
