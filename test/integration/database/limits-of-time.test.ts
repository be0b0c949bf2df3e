import { expect } from 'chai';
import { batchQueueName, openQueueStore } from '../../../packages/shared/src/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { runStatement } from '../../support/empty-database.js';
import { silentLog } from '../../support/log-lines.js';
import { createDatabase } from '../../support/services/database.js';

/** Who logs in, with the limits that it asks for as it does. */
const noteLogins = `
  create table public.login (name text, statement text, lock text, idle text);
  create function public.note_login() returns event_trigger language plpgsql as $$
    begin
      insert into public.login values (current_setting('application_name'), current_setting('statement_timeout'),
        current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'));
    end $$;
  create event trigger note_login on login execute function public.note_login()`;

describe('every connection to the database', () => {
  it('has the server end its statements, its waits for locks, and its transactions that stand still', async () => {
    const database = await createDatabase();
    await runStatement(database.url, noteLogins);
    const store = await openQueueStore(database.url, () => undefined);
    const queue = await store.openQueue(batchQueueName);
    const worker = await store.openWorker(batchQueueName, () => Promise.resolve(), { concurrency: 1 });
    const dataSource = createDataSource(database.url, { name: 'vidhuk worker', poolSize: 1, log: silentLog() });
    await dataSource.initialize();
    const rows = await dataSource.query<object[]>(
      `select distinct name, statement, lock, idle from public.login where name like 'vidhuk%' order by name, statement`,
    );
    await dataSource.destroy();
    await worker.close();
    await queue.close();
    await store.close();
    await database.drop();
    expect(rows).to.deep.equal([
      { name: 'vidhuk queue', statement: '10s', lock: '10s', idle: '20s' },
      { name: 'vidhuk queue', statement: '30s', lock: '10s', idle: '20s' },
      { name: 'vidhuk worker', statement: '1min', lock: '10s', idle: '20s' },
    ]);
  });
});
