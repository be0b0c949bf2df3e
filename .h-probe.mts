
import { openDatabase } from '/work/house3/test/support/projection.js';
import { stopServices } from '/work/house3/test/support/services/teardown.js';
import { openQueueStore } from '/work/house3/packages/shared/src/index.js';
// feed latency beside busy actions
const t = await openDatabase();
try {
  const store = await openQueueStore(t.url, (e) => console.log('err', e.message));
  const names = Array.from({ length: 64 }, (_, n) => `a-${n}`); const ws = []; let done = 0;
  for (const n of names) { const w = await store.openWorker<object>(n, async () => { await new Promise((r) => setTimeout(r, 20)); done++; }, { concurrency: 10 }); void w.run(); ws.push(w); }
  const times: number[] = []; let resolveJob: () => void = () => undefined;
  const feed = await store.openWorker<object>('activity-batches', async () => resolveJob(), { concurrency: 4 }); void feed.run(); ws.push(feed);
  const fq = await store.openQueue<object>('activity-batches');
  const probe = async () => { const at = performance.now(); const p = new Promise<void>((r) => (resolveJob = r)); await fq.add('j', {}); await p; return Math.round(performance.now() - at); };
  for (let i = 0; i < 5; i++) times.push(await probe());
  console.log('idle feed ms', times);
  for (const n of names) { const q = await store.openQueue(n); await q.addBulk(Array.from({ length: 100 }, () => ({ name: 'j', data: {} }))); await q.close(); }
  const busy: number[] = []; const begun = performance.now();
  while (done < 6400 && performance.now() - begun < 60000) busy.push(await probe());
  console.log('busy feed ms', busy.sort((a, b) => a - b).at(busy.length >> 1), 'max', busy.at(-1), busy.length, 'in', Math.round(performance.now() - begun));
  await Promise.all(ws.map((w) => w.close())); await fq.close(); await store.close();
} finally { await t.drop(); await stopServices?.(); }
