/** Steps of work, each shown as one line: while it runs, and how it ended after how long. */
import { Listr, PRESET_TIMER } from 'listr2';
import { plainStep } from './plain-step.js';
import type { Step, StepLine } from './step-line.js';

/** Gives what `work` gives and fails as it fails. */
export async function step<T>(title: string, work: (line: StepLine) => Promise<T>): Promise<T> {
  const outcome: { result?: T } = {};
  const one = { title, work: async (line: StepLine) => (outcome.result = await work(line)) };
  await (canRewriteLines() ? listOf([one], false).run() : plainStep(one));
  return outcome.result as T;
}

/** Runs the steps at the same time, and all of them to their end; gives what each of those that failed threw. */
export async function stepsSideBySide(steps: readonly Step[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  const remembering = steps.map(({ title, work }) => ({
    title,
    work: (line: StepLine) =>
      work(line).catch((error: unknown) => {
        failures.push(error);
        throw error;
      }),
  }));
  await (canRewriteLines() ? listOf(remembering, true).run() : Promise.allSettled(remembering.map(plainStep)));
  return failures;
}

/** Not on a terminal that does not tell its width (`script`, some containers): it would get a letter per line. */
const canRewriteLines = (): boolean => process.stdout.isTTY && process.stdout.columns > 0;

const titleWidth = 16;

function listOf(steps: readonly Step[], concurrent: boolean): { run: () => Promise<unknown> } {
  return new Listr(
    steps.map(({ title, work }) => ({
      title,
      task: async (_context, task) => {
        const show = (detail: string) => `${title.padEnd(titleWidth)} ${detail}`;
        const say = (detail: string) => void (task.title = show(detail));
        await work({ say, notDone: (why) => task.skip(show(why)) });
      },
    })),
    {
      concurrent,
      exitOnError: !concurrent,
      registerSignalListeners: false, // whoever runs the steps ends them in order
      rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false, suffixSkips: false },
    },
  );
}
