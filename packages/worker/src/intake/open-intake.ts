/** The intake of batches, open for as long as the process runs. */
import { retryForever, type Service } from '@vidhuk/shared';
import { openPipeline, type PipelineParts } from './pipeline.js';

/** Waits until the queue's store takes a worker. Gives the function that lets it take batches. */
export async function openIntake(
  parts: Omit<PipelineParts, 'log' | 'signal'>,
  { log, lifecycle, stop }: Service,
): Promise<() => void> {
  const { signal } = lifecycle;
  const worker = await retryForever('opening the worker', () => openPipeline({ ...parts, log, signal }), { log, signal });
  lifecycle.onClose('worker', () => worker.close());
  return () => {
    worker.run().catch((error: unknown) => {
      log.fatal({ err: error }, 'the worker ended');
      stop('the worker ended', 1);
    });
  };
}
