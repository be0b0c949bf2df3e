/** A small feed of its own beside the great one: each batch is sent until it is acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';

const patienceMs = 180_000;

/** Resolves when it was acknowledged; rejects when it is not within the time that a whole seed has for it. */
export async function postBatch(url: string, activities: readonly object[]): Promise<void> {
  const patience = AbortSignal.timeout(patienceMs);
  const body = JSON.stringify(activities);
  for (;;) {
    patience.throwIfAborted();
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(2_500) };
    const status = await fetch(url, request).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0, // cut off, or nobody there
    );
    if (status === 200) return;
    await sleep(100);
  }
}
