/** The platform's API for a command: a person waits, so it is asked briefly. */
import type { Configuration, PlatformConfiguration } from '@vidhuk/shared';
import { createGuardedHttp } from '@vidhuk/worker/follow-up';
import { PlatformApi } from '@vidhuk/worker/reconcile';
import { openLogger } from '../output/logger.js';

const pace = { timeoutMs: 20_000, attempts: 2, firstPauseMs: 500, longestPauseMs: 5_000, budgetMs: 60_000 };

/** By the road that `worker` gives its own calls. */
export async function withPlatform<T>(
  settings: PlatformConfiguration,
  worker: Pick<Configuration['worker'], 'proxy' | 'nat64'>,
  work: (api: PlatformApi) => Promise<T>,
): Promise<T> {
  const http = createGuardedHttp(worker);
  try {
    return await work(new PlatformApi({ http, settings, log: openLogger('error'), signal: new AbortController().signal, pace }));
  } finally {
    await http.close();
  }
}
