/** Mocha's usual output, and the counts in the file that the reporter option `output` names. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export interface Summary {
  passed: number;
  failed: number;
  /** Full titles. */
  leftOut: string[];
}

class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { output } = options.reporterOptions as { output: string };
    const leftOut: string[] = [];
    runner.on('pending', (test) => leftOut.push(test.fullTitle()));
    runner.once('end', () => {
      const { passes = 0, failures = 0 } = runner.stats ?? {};
      const summary: Summary = { passed: passes, failed: failures, leftOut };
      writeFileSync(output, JSON.stringify(summary));
    });
  }
}

export { SummaryReporter as default }; // mocha asks for it by this name
