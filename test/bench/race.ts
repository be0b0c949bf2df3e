/** One lap of one contestant: queue everything, drain it, then take as much again while the workers work. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant, Entry } from './contestant.js';
import { Client, bodiesOf, type Load } from './load.js';
import { memoryMb, startMeter } from './process-usage.js';
import type { Servers } from './servers.js';

export interface Phase {
  /** Activities. */
  perSecond: number;
  /** Seconds of CPU by process. */
  cpu: Record<string, number>;
}

export interface Lap {
  /** Accepted while the workers hold still. */
  queued: Phase;
  /** From the release of the workers until the last commit. */
  drained: Phase;
  /** From the first POST until the last commit, the workers at work all the time. */
  sustained: Phase;
  /** Most resident memory of each process, MB. */
  peakMb: Record<string, number>;
}

const connectionsFor = (batchSize: number): number => (batchSize >= 100 ? 4 : 16);
const drainWithinMs = 600_000;

/** `load` is posted twice, the second time with other activities of another world. */
export async function runLap({ name, open }: Contestant, load: Load, servers: Servers): Promise<Lap> {
  const entry = await open(await servers.fresh());
  const client = new Client(connectionsFor(load.batchSize));
  try {
    const processes = { ...entry.processes, ...servers.processes };
    const phase = async (work: () => Promise<unknown>): Promise<Phase> => {
      const used = startMeter(processes);
      const started = performance.now();
      await work();
      const seconds = (performance.now() - started) / 1_000;
      return { perSecond: load.activities / seconds, cpu: used() };
    };
    const [first, second] = [bodiesOf(load), bodiesOf(load, 2)];
    const queued = await phase(() => client.postAll(entry.url, first));
    const drained = await phase(async () => {
      await entry.release();
      await untilDrained(entry, name);
    });
    await requireAll(entry, name, load.activities);
    const sustained = await phase(async () => {
      await client.postAll(entry.url, second);
      await untilDrained(entry, name);
    });
    const peaks = Object.entries(entry.processes).map(([process, pid]) => [process, memoryMb(pid, 'VmHWM')]);
    return { queued, drained, sustained, peakMb: Object.fromEntries(peaks) as Record<string, number> };
  } finally {
    await client.close();
    await entry.close();
  }
}

export async function untilDrained(entry: Pick<Entry, 'isDrained'>, name: string): Promise<void> {
  const end = performance.now() + drainWithinMs;
  while (!(await entry.isDrained())) {
    if (performance.now() > end) throw new Error(`${name} has not drained within ${drainWithinMs / 60_000} minutes`);
    await sleep(20);
  }
}

/** The sender repeats some 3 % on purpose, so the log has a little less than was posted; a contestant that loses or doubles more is out. */
async function requireAll(entry: Entry, name: string, posted: number): Promise<void> {
  const { activities } = await entry.count();
  if (activities > posted || activities < posted * 0.9) throw new Error(`${name} logged ${activities} of ${posted} activities`);
}

/** Activities a second, taken from 4 connections and written, in batches of 500. */
export async function findMost(entry: Entry, activities: number): Promise<number> {
  const client = new Client(4);
  const started = performance.now();
  await client.postAll(entry.url, bodiesOf({ activities, batchSize: 500, contacts: 100_000 }));
  await untilDrained(entry, 'the feed');
  await client.close();
  return activities / ((performance.now() - started) / 1_000);
}
