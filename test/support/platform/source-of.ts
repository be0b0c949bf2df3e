/** The configuration of a source that has the platform's stand-ins for its other roads. */
import type { ActivityApi } from './activity-api.js';

export interface RoadsOfSource {
  api?: Pick<ActivityApi, 'apiKey' | 'baseUrl'>;
  exportUrl?: string;
  reconcile?: string;
}

/** YAML in one line, for `sources: { main: … }`. */
export function sourceOf({ api, exportUrl, reconcile }: RoadsOfSource): string {
  const settings = {
    tokens: ['token-of-tests'],
    ...(api === undefined ? {} : { platform: { apiKey: api.apiKey, baseUrl: api.baseUrl, allowPrivateNetwork: true } }),
    ...(exportUrl === undefined ? {} : { export: { database: exportUrl } }),
    ...(reconcile === undefined
      ? {}
      : { reconcile: { every: reconcile, from: [...(api ? ['pull'] : []), ...(exportUrl ? ['export'] : [])] } }),
  };
  return JSON.stringify(settings);
}
