/** A step where no line can be rewritten: one line at its end, and one now and then while it lasts. */
import pc from 'picocolors';
import { print } from './print.js';
import type { Step } from './step-line.js';

const reportEveryMs = 20_000;

/** Does the step's work and fails as it fails. */
export async function plainStep({ title, work }: Step): Promise<void> {
  const started = performance.now();
  let text = title;
  let mark = pc.green('✔');
  const show = (mark: string) => print(`${mark} ${text} ${pc.dim(`${((performance.now() - started) / 1000).toFixed(1)} s`)}`);
  const timer = setInterval(() => show('…'), reportEveryMs);
  try {
    await work({
      say: (detail) => {
        text = `${title}  ${detail}`;
      },
      notDone: (why) => {
        text = `${title}  ${why}`;
        mark = pc.yellow('–');
      },
    });
  } catch (error) {
    mark = pc.red('✖');
    throw error;
  } finally {
    clearInterval(timer);
    show(mark);
  }
}
