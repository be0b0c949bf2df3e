import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { QueueMonitor } from '../../../packages/worker/src/queue/queue-monitor.js';
import { Watchdog } from '../../../packages/worker/src/queue/watchdog.js';
import { IntakeMetrics } from '../../../packages/worker/src/intake/intake-metrics.js';
import { send } from '../../support/http.js';
import { useIngress, type TestIngress } from '../../support/ingress.js';
import { captureLog } from '../../support/log-lines.js';
import { usePipeline } from '../../support/pipeline.js';
import { rejection, until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

const stuckAfterMs = 200;
/** The watchdog of a worker whose fetch loop is dead: of one that has none. */
function deadWorkerOf({ queue }: TestIngress) {
  const metrics = new IntakeMetrics(new Registry());
  return { metrics, watchdog: new Watchdog(new QueueMonitor(queue), metrics, stuckAfterMs) };
}

for (const kind of storeKinds) {
  describe(`a worker that takes nothing since the clock was set back by an hour, queue on ${kind}`, () => {
    const ingress = useIngress(kind);

    it('is not ready, and is ended for a restart', async () => {
      const rightNow = Date.now;
      const stops: unknown[] = [];
      Date.now = () => rightNow() + 3_600_000;
      const { watchdog } = deadWorkerOf(ingress());
      const timer = watchdog.watch(captureLog().log, (...stop) => stops.push(stop));
      try {
        await send(ingress().webhook, { method: 'POST', body: '[]' });
        Date.now = rightNow;
        await until('it is not ready', async () => (await rejection(watchdog.checkProgress())).message.includes('batches wait'));
        await until('it is ended', () => stops.length > 0);
      } finally {
        Date.now = rightNow;
        clearInterval(timer);
      }
    });
  });

  describe(`a worker that takes nothing although batches wait, queue on ${kind}`, () => {
    const ingress = useIngress(kind);

    const deadWorker = () => deadWorkerOf(ingress());

    it('is well while nothing waits, however long', async () => {
      const { metrics, watchdog } = deadWorker();
      metrics.lastProgressAt = Number.NEGATIVE_INFINITY;
      await watchdog.checkProgress();
    });

    it('is not ready, and is ended for a restart', async () => {
      await send(ingress().webhook, { method: 'POST', body: '[]' });
      const began = Date.now();
      const { watchdog } = deadWorker();
      const stops: [string, number][] = [];
      const timer = watchdog.watch(captureLog().log, (...stop) => stops.push(stop));
      try {
        await until('it is not ready', async () => (await rejection(watchdog.checkProgress())).message.includes('batches wait'));
        expect(Date.now() - began, 'ms until it is not ready').to.be.at.least(stuckAfterMs);
        const [reason, code] = await until('it is ended', () => stops[0]);
        expect([reason, code]).to.deep.equal(['no progress', 1]);
        expect(Date.now() - began, 'ms until it is ended').to.be.at.least(2 * stuckAfterMs);
      } finally {
        clearInterval(timer);
      }
    });

    it('is left alone while a person has the queue paused, and judged from the resumption on', async () => {
      await send(ingress().webhook, { method: 'POST', body: '[]' });
      await ingress().queue.pause();
      const { metrics, watchdog } = deadWorker();
      metrics.lastProgressAt = Number.NEGATIVE_INFINITY;
      const stops: unknown[] = [];
      const timer = watchdog.watch(captureLog().log, (...stop) => stops.push(stop));
      try {
        await sleep(5 * stuckAfterMs);
        const seenPaused = Date.now();
        await watchdog.checkProgress();
        expect(stops).to.deep.equal([]);
        await ingress().queue.resume();
        await until('it is ended', () => stops.length > 0);
        expect(Date.now() - seenPaused, 'ms from then on').to.be.at.least(2 * stuckAfterMs);
      } finally {
        clearInterval(timer);
        await ingress().queue.resume();
      }
    });

    it('is left alone while it holds a batch and waits for the database', async () => {
      await send(ingress().webhook, { method: 'POST', body: '[]' });
      const { metrics, watchdog } = deadWorker();
      metrics.lastProgressAt = Number.NEGATIVE_INFINITY;
      metrics.taken();
      const { log, lines } = captureLog();
      const stops: unknown[] = [];
      const timer = watchdog.watch(log, (...stop) => stops.push(stop));
      const monitor = new QueueMonitor(ingress().queue);
      await until('it would be ended long since', async () => (await monitor.oldestWaitingMs()) > 5 * stuckAfterMs);
      clearInterval(timer);
      expect([stops, lines()]).to.deep.equal([[], []]);
      expect((await rejection(watchdog.checkProgress())).message).to.include('batches wait');
    });
  });

  describe(`a worker whose database does not let it go on, queue on ${kind}`, function () {
    this.timeout(120_000);
    const pipeline = usePipeline(kind, 'worker: { concurrency: 1, stuckAfterMs: 1000 }\n');

    const ready = async () => send(`${await pipeline().worker.address()}/health/ready`);

    it('is not ready while batches wait, is not ended, and goes on by itself', async () => {
      expect((await ready()).status).to.equal(200);
      const client = await pipeline().database.connect();
      await client.query('begin');
      await client.query('lock table vidhuk.batch in access exclusive mode');
      for (let count = 0; count < 5; count++)
        expect((await send(await pipeline().webhook(), { method: 'POST', body: '[]' })).status).to.equal(200);
      const checks = await until('it is not ready for want of progress', async () => {
        const { status, body } = await ready();
        const found = (JSON.parse(body) as { checks: Record<string, string> }).checks;
        return status === 503 && found.progress?.includes('batches wait') && found;
      });
      expect(checks.database, 'what would be written is tried').not.to.equal('ok');
      // Over twice `stuckAfterMs`: it would be ended by now if it were taken for dead.
      await until('it has been stuck for long', async () => /none was finished for ([3-9]|\d\d)/.test((await ready()).body));
      await client.query('rollback');
      client.release();
      await until('all batches are written', async () => {
        const [row] = await pipeline().query<{ count: string }>('select count(*) from vidhuk.batch');
        return row?.count === '5';
      });
      await until('it is ready again', async () => (await ready()).status === 200);
    });
  });
}
