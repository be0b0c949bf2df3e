/** What a rebuild begins with: the floors, in its empty statuses, before anything else comes into them. */
import type { DataSource } from 'typeorm';
import type { ContactKey } from '../projection/sql/contact-key.js';
import { copyFloors, pageOfFloors } from './sql/second-floors.js';
import { onceNobodyIsErased } from './while-nobody-is-erased.js';

/** In small transactions, so that whoever erases waits for one of them at most. `source`: null is all. */
export async function seedFloors(
  { dataSource, signal }: { dataSource: DataSource; signal: AbortSignal },
  schema: string,
  source: string | null,
): Promise<void> {
  for (let after: ContactKey | undefined; ;) {
    const page: ContactKey[] = await pageOfFloors(dataSource, after);
    after = page.at(-1);
    if (after === undefined) return;
    await onceNobodyIsErased(dataSource, signal, (client) => copyFloors(client, schema, source, page));
  }
}
