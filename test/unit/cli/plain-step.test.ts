import { expect } from 'chai';
import { plainStep } from '../../../packages/cli/src/output/plain-step.js';
import type { StepLine } from '../../../packages/cli/src/output/step-line.js';
import { rejection } from '../../support/poll.js';

/** What is written to standard output meanwhile. */
async function outputOf(work: (line: StepLine) => unknown): Promise<string> {
  const write = process.stdout.write.bind(process.stdout);
  let text = '';
  process.stdout.write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  try {
    await plainStep({ title: 'weaknesses', work: (line) => Promise.resolve(work(line)) });
  } finally {
    process.stdout.write = write;
  }
  return text;
}

describe('a step’s line', () => {
  it('has a tick when it is done', async () => {
    expect(await outputOf(({ say }) => say('none is known'))).to.match(/^✔ weaknesses {2}none is known \d/);
  });

  it('has no tick when it was not done, and no cross either', async () => {
    expect(await outputOf(({ notDone }) => notDone('not done: no answer'))).to.match(/^– weaknesses {2}not done/);
  });

  it('fails as its work fails', async () => {
    expect((await rejection(outputOf(() => Promise.reject(new Error('no'))))).message).to.equal('no');
  });
});
