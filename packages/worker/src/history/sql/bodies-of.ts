/** Bodies by the ids of their batches, some at a time. */
import type { ClientBase } from 'pg';

export interface FoundBody {
  id: string;
  source: string;
  receivedAt: Date;
  body: Buffer;
}

/** Of bodies that are held at once, unless one alone has more. */
const mostBytes = 8 * 2 ** 20;

/** Those that are kept. */
export async function* bodiesOf(client: ClientBase, ids: readonly string[]): AsyncGenerator<FoundBody[]> {
  const { rows } = await client.query<{ id: string; bytes: number }>(
    'select id, bytes from vidhuk.batch where id = any($1::uuid[]) and body is not null order by id',
    [ids],
  );
  for (const group of byBytes(rows)) {
    const found = await client.query<FoundBody>(
      `select id, source, received_at as "receivedAt", body from vidhuk.batch where id = any($1::uuid[]) and body is not null`,
      [group.map(({ id }) => id)],
    );
    yield found.rows;
  }
}

export function* byBytes<Row extends { bytes: number }>(rows: readonly Row[]): Generator<Row[]> {
  let group: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (group.length > 0 && bytes + row.bytes > mostBytes) {
      yield group;
      [group, bytes] = [[], 0];
    }
    group.push(row);
    bytes += row.bytes;
  }
  if (group.length > 0) yield group;
}
