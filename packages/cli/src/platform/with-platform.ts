/** The platform's API for a command: a person waits, so it is asked briefly. */
import type { PlatformConfiguration } from '@vidhuk/shared';
import { createGuardedHttp } from '@vidhuk/worker/follow-up';
import { PlatformApi } from '@vidhuk/worker/reconcile';
import { openLogger } from '../output/logger.js';

const pace = { timeoutMs: 20_000, attempts: 2, firstPauseMs: 500, longestPauseMs: 5_000, budgetMs: 60_000 };

export async function withPlatform<T>(settings: PlatformConfiguration, work: (api: PlatformApi) => Promise<T>): Promise<T> {
  const http = createGuardedHttp();
  try {
    return await work(new PlatformApi({ http, settings, log: openLogger('error'), signal: new AbortController().signal, pace }));
  } finally {
    await http.close();
  }
}
