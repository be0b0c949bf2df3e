/** The roads of a source, as the configuration names them. */
import { PermanentError, type Logger, type SourceConfiguration } from '@vidhuk/shared';
import type { HttpClient } from '../handlers/http-client.js';
import { openExportDatabase } from './export/export-database.js';
import { ExportRoad } from './export/export-road.js';
import { PlatformApi, type Pace } from './pull/platform-api.js';
import { PullRoad } from './pull/pull-road.js';
import type { Road } from './road.js';

export interface RoadParts {
  http: HttpClient;
  log: Logger;
  signal: AbortSignal;
  pace?: Partial<Pace>;
}

/** Runs `work` with the road, and closes what it holds. Rejects with a `PermanentError` where the configuration does not have it. */
export async function withRoad<T>(
  name: 'pull' | 'export',
  source: string,
  settings: SourceConfiguration,
  parts: RoadParts,
  work: (road: Road) => Promise<T>,
): Promise<T> {
  if (name === 'pull') {
    const { platform } = settings;
    if (platform === undefined)
      throw new PermanentError(
        `sources.${source} has no "platform: { apiKey }" in the configuration: nothing can be pulled without it`,
      );
    return work(new PullRoad(new PlatformApi({ ...parts, settings: platform })));
  }
  const { export: exported, timeZone } = settings;
  if (exported === undefined)
    throw new PermanentError(
      `sources.${source} has no "export: { database }" in the configuration: there is nothing to read from`,
    );
  const database = await openExportDatabase(source, exported);
  try {
    return await work(new ExportRoad({ database, schema: exported.schema, timeZone }));
  } finally {
    await database.close();
  }
}
