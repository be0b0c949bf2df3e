import { expect } from 'chai';
import type { Ended, Running } from '../../../packages/cli/src/instance/running.js';
import { supervise } from '../../../packages/cli/src/instance/supervise.js';
import { until } from '../../support/poll.js';

/** Processes that end when a test says so. */
function stage(): { runs: ((end: Ended) => void)[]; start: () => Promise<Running>; said: string[] } {
  const runs: ((end: Ended) => void)[] = [];
  const start = (): Promise<Running> => {
    let end: (ended: Ended) => void = () => undefined;
    const exited = new Promise<Ended>((resolve) => (end = resolve));
    runs.push(end);
    const stop = async () => {
      end({ how: 'SIGTERM', refused: false });
      await exited;
    };
    return Promise.resolve({ exited, stop, kill: () => end({ how: 'SIGKILL', refused: false }) });
  };
  return { runs, start, said: [] };
}

describe('a supervised service', () => {
  it('is begun again when it has ended by itself', async () => {
    const { runs, start, said } = stage();
    const service = await supervise('It', start, (line) => said.push(line));
    service.keep();
    runs[0]?.({ how: 'SIGKILL', refused: false });
    await until('it runs again', () => runs.length === 2);
    expect(said).to.deep.equal(['It has ended (SIGKILL); it starts again in 1 s']);
    expect(service.gaveUp.aborted).to.equal(false);
    await service.stop();
  });

  it('is given up when it refuses its configuration: it would end again and again', async () => {
    const { runs, start, said } = stage();
    const service = await supervise('It', start, (line) => said.push(line));
    service.keep();
    runs[0]?.({ how: 'exit code 78', refused: true });
    await until('it is given up', () => service.gaveUp.aborted);
    expect(said).to.deep.equal([]);
    await service.stop();
    expect(runs).to.have.length(1);
  });

  it('is begun again at once, without a word, when a restart is asked for', async () => {
    const { runs, start, said } = stage();
    const service = await supervise('It', start, (line) => said.push(line));
    service.keep();
    await service.restart();
    await until('it runs again', () => runs.length === 2, { timeoutMs: 500 });
    expect(said).to.deep.equal([]);
    await service.stop();
    expect(runs).to.have.length(2);
  });
});
