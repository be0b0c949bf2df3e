/** What a comparison with another road needs: configuration, database, queue, and an end on Ctrl-C. */
import {
  batchQueueName,
  configPathOf,
  loadConfiguration,
  messageOf,
  openQueueStore,
  StoreRoom,
  type BatchJob,
  type Configuration,
  type JobQueue,
  type Logger,
  type SourceConfiguration,
} from '@vidhuk/shared';
import { Tombstones } from '@vidhuk/worker/erase';
import { connect, createDataSource } from '@vidhuk/worker/database';
import { createGuardedHttp } from '@vidhuk/worker/follow-up';
import type { DataSource } from 'typeorm';
import type { CliEnvironment } from '../environment.js';
import { openLogger } from '../output/logger.js';
import { readSettings } from '../settings.js';

export interface RunParts {
  source: string;
  settings: SourceConfiguration;
  dataSource: DataSource;
  queue: JobQueue<BatchJob>;
  room: StoreRoom;
  tombstones: Tombstones;
  http: ReturnType<typeof createGuardedHttp>;
  log: Logger;
  signal: AbortSignal;
}

/** Of the configuration, or an error that names those that there are. */
export async function readSource(environment: CliEnvironment, source: string): Promise<SourceConfiguration> {
  return sourceOf(await loadConfiguration(configPathOf(environment), environment), source);
}

function sourceOf({ sources }: Configuration, source: string): SourceConfiguration {
  const settings = Object.hasOwn(sources, source) ? sources[source] : undefined;
  if (settings === undefined)
    throw new Error(`there is no source "${source}" in the configuration: it has ${Object.keys(sources).join(', ')}`);
  return settings;
}

/** Closes everything at the end, whatever comes of `work`. Ctrl-C cuts the run off; asked for again, it goes on. */
export async function withRunParts<T>(
  environment: CliEnvironment,
  source: string,
  work: (parts: RunParts) => Promise<T>,
): Promise<T> {
  const { databaseUrl, queueUrl, eraseKey } = readSettings(environment);
  const configuration = await loadConfiguration(configPathOf(environment), environment);
  const settings = sourceOf(configuration, source);
  const log = openLogger('error');
  const stopping = new AbortController();
  const interrupt = () => stopping.abort(new Error('interrupted: with the same --from and --to it goes on where it was'));
  process.once('SIGINT', interrupt);
  const dataSource = createDataSource(databaseUrl, { name: 'vidhuk cli', poolSize: 4, log });
  const http = createGuardedHttp(configuration.worker);
  try {
    await connect(dataSource);
    const store = await openQueueStore(queueUrl, (error) => log.debug({ err: messageOf(error) }, 'trouble with the queue'));
    try {
      const queue = await store.openQueue<BatchJob>(batchQueueName);
      try {
        const room = new StoreRoom(store, configuration.queue.fullAtPercent, log);
        return await work({
          source,
          settings,
          dataSource,
          queue,
          room,
          tombstones: new Tombstones(eraseKey),
          http,
          log,
          signal: stopping.signal,
        });
      } finally {
        await queue.close();
      }
    } finally {
      await store.close();
    }
  } finally {
    process.off('SIGINT', interrupt);
    await http.close();
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}
