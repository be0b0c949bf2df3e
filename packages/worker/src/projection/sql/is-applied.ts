/** Whether a batch was applied already, all of it: its row is of the same transaction as its activities. */
import type { DataSource } from 'typeorm';

export async function isApplied(
  dataSource: DataSource,
  { id, receivedAt }: { id: string; receivedAt: string },
): Promise<boolean> {
  const rows = await dataSource.query<unknown[]>('select from vidhuk.batch where id = $1 and received_at = $2', [id, receivedAt]);
  return rows.length > 0;
}
