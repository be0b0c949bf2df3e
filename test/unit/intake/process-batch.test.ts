import { expect } from 'chai';
import { Registry } from 'prom-client';
import { ByteBudget, packBody, type BatchJob } from '../../../packages/shared/src/index.js';
import { IntakeMetrics } from '../../../packages/worker/src/intake/intake-metrics.js';
import { createBatchWork } from '../../../packages/worker/src/intake/process-batch.js';
import type { Batch } from '../../../packages/worker/src/projection/batch.js';
import { silentLog } from '../../support/log-lines.js';

const element = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', contactId: 1, iid: 'i' };

/** The work of a worker, whose batches go into `submitted` instead of a database. */
function worker(budget = new ByteBudget(2 ** 20), isApplied = false) {
  const submitted: Batch[] = [];
  const asked: string[] = [];
  const work = createBatchWork({
    isApplied({ id }) {
      asked.push(id);
      return Promise.resolve(isApplied);
    },
    submit(batch) {
      submitted.push(batch);
      return Promise.resolve({ new: 1, duplicate: 0, rejected: 0 });
    },
    ...{ budget, metrics: new IntakeMetrics(new Registry()), log: silentLog(), signal: new AbortController().signal },
    maxAheadMs: (source) => (source === 'patient' ? 10 * 86_400_000 : 86_400_000),
  });
  return { submitted, asked, work, budget };
}

async function jobOf(elements: readonly object[], given: Partial<BatchJob> = {}): Promise<BatchJob> {
  const body = Buffer.from(JSON.stringify(elements));
  const receivedAt = '2024-03-01T08:00:10.000Z';
  return { id: 'job', source: 'main', timeZone: 'UTC', receivedAt, bytes: body.length, body: await packBody(body), ...given };
}

describe('The work of a batch', () => {
  it('lets other work of the process go on while a large body is parsed: locks must be renewed', async () => {
    const { submitted, work } = worker();
    let [turns, done] = [0, false];
    const turn = () => {
      turns++;
      if (!done) setImmediate(turn);
    };
    const job = await jobOf(Array.from({ length: 550 }, (_, index) => ({ ...element, contactId: index + 1 })));
    expect(job.bytes, 'unpacked at once, so that only parsing may let others in').to.be.below(65_536);
    setImmediate(turn);
    await work(job);
    done = true;
    expect(turns).to.be.at.least(5);
    expect(submitted[0]?.activities).to.have.lengthOf(550);
  });

  it('reads times by the clock of the source when it was received, and quarantines what lies ahead of that by too much', async () => {
    const { submitted, work } = worker();
    const days = (ahead: number) => ({ ...element, iid: `i${ahead}`, activityDateTime: `2024-03-0${1 + ahead}T08:00:00` });
    await work(await jobOf([days(0), days(2)], { timeZone: 'Europe/Kyiv' }));
    await work(await jobOf([days(2)], { source: 'patient', origin: 'pull' }));
    expect(submitted.map(({ activities, rejections, origin }) => [activities.length, rejections.map((r) => r.reason), origin])).to
      .deep.equal([
        [1, ['bad-date'], 'webhook'],
        [1, [], 'pull'],
      ]); // prettier-ignore
    expect(submitted[0]?.activities[0]?.occurredAt).to.equal(Date.UTC(2024, 2, 1, 6));
  });

  it('is nothing where a large body was applied by another worker, which had no time to say so; small ones are not asked', async () => {
    const { submitted, asked, work } = worker(undefined, true);
    const bytes = 9 * 2 ** 20;
    await work(await jobOf([element], { id: 'large', bytes }));
    expect([submitted.length, asked]).to.deep.equal([0, ['large']]);
    await work(await jobOf([element], { id: 'replayed', bytes, kept: true }));
    await work(await jobOf([element], { id: 'small' }));
    expect([submitted.map(({ id }) => id), asked]).to.deep.equal([['replayed', 'small'], ['large']]);
  });

  it('gives its room back, whatever becomes of it', async () => {
    const { work, budget } = worker();
    await work(await jobOf([element]));
    await work(await jobOf([element], { body: 'not brotli' })).catch(() => undefined);
    expect(budget.used).to.equal(0);
  });
});
