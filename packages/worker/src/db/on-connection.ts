/** One connection of the pool for statements that need no transaction, as the driver's own client: hot statements are prepared once per connection. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';

export async function onConnection<T>(dataSource: DataSource, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await work((await runner.connect()) as ClientBase);
  } finally {
    await runner.release();
  }
}
