/** A data source whose transactions lose their connection at a chosen statement, on a real database. */
import type { createDataSource } from '../../../packages/worker/src/db/data-source.js';

type DataSource = ReturnType<typeof createDataSource>;
type Runner = ReturnType<DataSource['createQueryRunner']>;
type Query = (...args: unknown[]) => Promise<unknown>;

/** Its name, or its first line. */
function nameOf(first: unknown): string {
  if (typeof first === 'string') return first;
  const { name, text = '' } = first as { name?: string; text?: string };
  return name ?? text.trim().split('\n')[0] ?? '';
}

/** `dataSource`, with `around` called for each statement of its transactions. */
function watching(
  dataSource: DataSource,
  around: (statement: string, index: number, run: () => Promise<unknown>) => Promise<unknown>,
): DataSource {
  let index = 0;
  const wrap = (runner: Runner): Runner =>
    new Proxy(runner, {
      get(target, property) {
        if (property !== 'connect') return bound(target, property);
        return async () => {
          const client = (await target.connect()) as object;
          return new Proxy(client, {
            get(connection, name) {
              if (name !== 'query') return bound(connection, name);
              return (...args: unknown[]) => {
                const statement = nameOf(args[0]);
                const run = () => (Reflect.get(connection, 'query') as Query).apply(connection, args);
                return statement === 'rollback' ? run() : around(statement, index++, run);
              };
            },
          });
        };
      },
    });
  return new Proxy(dataSource, {
    get: (target, property) =>
      property === 'createQueryRunner' ? () => wrap(target.createQueryRunner()) : bound(target, property),
  });
}

function bound(target: object, property: string | symbol): unknown {
  const value: unknown = Reflect.get(target, property);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

/** The names of the statements that `work` runs in transactions, in order. */
export async function statementsOf(dataSource: DataSource, work: (watched: DataSource) => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  await work(watching(dataSource, (statement, _index, run) => (statements.push(statement), run())));
  return statements;
}

/** Fails before or after the statement with this index. */
export function failingAt(dataSource: DataSource, failing: number, when: 'before' | 'after'): DataSource {
  return watching(dataSource, async (_statement, index, run) => {
    if (index !== failing) return run();
    if (when === 'after') await run();
    throw new Error('the connection is lost');
  });
}
