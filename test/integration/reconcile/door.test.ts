import { expect } from 'chai';
import type { BatchJob } from '../../../packages/shared/src/index.js';
import { QueueDoor, StillWaiting } from '../../../packages/worker/src/reconcile/door.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';
import { rejection } from '../../support/poll.js';

describe('The door into the queue', function () {
  this.timeout(30_000);
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  /** `full` times the store says that it has no room. */
  function open({ full = 0, patienceMs = 300, signal = new AbortController().signal }) {
    const jobs: BatchJob[] = [];
    let left = full;
    const door = new QueueDoor({
      ...{ source: 'main', timeZone: 'UTC', origin: 'pull', dataSource: test.database, signal, patienceMs },
      queue: {
        add: (_name, job) => {
          jobs.push(job);
          return Promise.resolve({} as never);
        },
      },
      room: { check: () => (left-- > 0 ? Promise.reject(new Error('the store is full')) : Promise.resolve()) },
    });
    return { door, jobs };
  }

  it('says that nobody takes its batches instead of waiting for ever; they are in the queue', async () => {
    const { door, jobs } = open({});
    await door.submit([{ iid: 'a' }]);
    const error = await rejection(door.settled());
    expect(error).to.be.instanceOf(StillWaiting);
    expect(error.message).to.include('does a worker run?');
    expect(jobs).to.have.length(1);
    expect(jobs[0]).to.include({ origin: 'pull', source: 'main', timeZone: 'UTC' });
  });

  it('adds nothing while the store of the queue has no room, and goes on once it has', async () => {
    const { door, jobs } = open({ full: 1, patienceMs: 5_000 });
    await door.submit([{ iid: 'a' }]);
    expect(jobs).to.have.length(1);
    const crowded = open({ full: 1_000 });
    expect((await rejection(crowded.door.submit([{ iid: 'a' }]))).message).to.equal('nothing can be added: the store is full');
    expect(crowded.jobs).to.deep.equal([]);
  });

  it('ends its waiting when the process stops', async () => {
    const stopping = new AbortController();
    const { door } = open({ patienceMs: 60_000, signal: stopping.signal });
    await door.submit([{ iid: 'a' }]);
    const waiting = rejection(door.settled());
    stopping.abort(new Error('shutting down'));
    expect((await waiting).name).to.not.equal('StillWaiting');
  });
});
