/** A worker process that takes batches. */
import { until } from './poll.js';
import { startService, type Service, type ServiceSettings } from './processes.js';

/** Fails at once, with what the worker said, when it ends instead. */
export async function startReadyWorker(settings: ServiceSettings): Promise<Service> {
  const worker = await startService('worker', settings);
  const ended = worker.exited.then((how) => Promise.reject(new Error(`the worker ended (${how}): ${worker.text()}`)));
  await Promise.race([ended, until('the worker is ready', () => worker.text().includes('worker ready'), { timeoutMs: 120_000 })]);
  ended.catch(() => undefined); // from now on it may
  return worker;
}
