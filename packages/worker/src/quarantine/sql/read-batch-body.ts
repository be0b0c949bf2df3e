import type { DataSource } from 'typeorm';

/** The body of a batch as received; null where it is not kept any more. */
export async function readBatchBody(dataSource: DataSource, batchId: string): Promise<Buffer | null> {
  const [row] = await dataSource.query<{ body: Buffer | null }[]>('select body from vidhuk.batch where id = $1', [batchId]);
  return row?.body ?? null;
}
