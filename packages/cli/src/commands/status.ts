/** `vidhuk status`: how everything fares, on one screen. */
import { Command } from 'commander';
import { exitCode, type CliEnvironment } from '../environment.js';
import { answer, type AnswerOptions, jsonOption } from '../output/answer.js';
import { describeStatus } from '../output/status-report.js';
import { readStatus } from '../status/read-status.js';
import { whatIsWrong } from '../status/what-is-wrong.js';

const examples = `
Exit codes: 0 all is well, 1 something is wrong, 2 there is nothing to look at.

Examples:
  vidhuk status
  watch vidhuk status
  vidhuk status --json | jq .data.queue`;

export function statusCommand(environment: CliEnvironment): Command {
  return new Command('status')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (options: AnswerOptions) => {
      const status = await readStatus(environment);
      const wrong = whatIsWrong(status);
      if (wrong.length > 0) process.exitCode = exitCode.negative;
      answer(options, { ...status, wrong }, () => describeStatus(status, wrong));
    });
}
