/** Mocha's usual output, and the counts in the file that the reporter option `output` names. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** @typedef {{ passed: number, failed: number, leftOut: string[] }} Summary */

export default class SummaryReporter extends Mocha.reporters.Spec {
  /**
   * @param {Mocha.Runner} runner
   * @param {{ reporterOptions: { output: string } }} options
   */
  constructor(runner, options) {
    super(runner, options);
    /** @type {string[]} */
    const leftOut = [];
    runner.on('pending', (test) => leftOut.push(test.fullTitle()));
    runner.once('end', () => {
      const { passes = 0, failures = 0 } = runner.stats ?? {};
      /** @type {Summary} */
      const summary = { passed: passes, failed: failures, leftOut };
      writeFileSync(options.reporterOptions.output, JSON.stringify(summary));
    });
  }
}
