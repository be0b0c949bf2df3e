/** What a rebuild needs: connections to both sets of tables, the queue, the tombstones, and an end on Ctrl-C. */
import { messageOf, openQueueStore } from '@vidhuk/shared';
import { Tombstones } from '@vidhuk/worker/erase';
import { createDataSource } from '@vidhuk/worker/database';
import { redirect, type ReadingRules, type RebuildParts } from '@vidhuk/worker/history';
import { patientMs, withDatabase } from './database.js';
import type { CliEnvironment } from './environment.js';
import { openLogger } from './output/logger.js';
import { readSettings } from './settings.js';

/** Closes everything at the end, whatever comes of `work`. */
export async function withRebuildParts<T>(
  environment: CliEnvironment,
  contexts: ReadingRules,
  work: (parts: RebuildParts) => Promise<T>,
): Promise<T> {
  const { databaseUrl, queueUrl, eraseKey } = readSettings(environment);
  const log = openLogger('error');
  const stopping = new AbortController();
  const interrupt = () => stopping.abort(new Error('interrupted: the same command goes on with it, and --cancel ends it'));
  process.once('SIGINT', interrupt);
  const second = createDataSource(databaseUrl, {
    name: 'vidhuk rebuild',
    poolSize: 3,
    log,
    byIndexOnly: true,
    prepare: redirect,
  });
  try {
    const inDatabase = async (dataSource: RebuildParts['dataSource']) => {
      await second.initialize();
      const store = await openQueueStore(queueUrl, (error) => log.debug({ err: messageOf(error) }, 'trouble with the queue'));
      try {
        const tombstones = new Tombstones(eraseKey);
        return await work({ dataSource, second, store, contexts, tombstones, log, signal: stopping.signal });
      } finally {
        await store.close();
      }
    };
    return await withDatabase(environment, inDatabase, { statementMs: patientMs, poolSize: 8 });
  } finally {
    process.off('SIGINT', interrupt);
    if (second.isInitialized) await second.destroy();
  }
}
