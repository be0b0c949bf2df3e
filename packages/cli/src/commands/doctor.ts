/** `vidhuk doctor`: is everything well, and if not, what is to be done? */
import { Command } from 'commander';
import pc from 'picocolors';
import { examine, type Result } from '../doctor/examine.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { answer, type AnswerOptions, jsonOption } from '../output/answer.js';
import { asTyped } from '../output/command-name.js';
import { hang } from '../output/hang.js';
import { counted } from '../output/plural.js';
import { inLines, print } from '../output/print.js';

export function doctorCommand(environment: CliEnvironment): Command {
  return new Command('doctor')
    .option('--source <name>', "ask the platform's API, too: is the key of this source alive, and what may it read?")
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExit codes: 0 no problem, 1 a problem, 2 could not run.\n\nExamples:\n  vidhuk doctor --source main\n  vidhuk doctor --json | jq \'.data[] | select(.level == "problem")\'',
    )
    .action(async (options: AnswerOptions & { source?: string }) => {
      const results: Result[] = [];
      await examine(
        environment,
        (result) => {
          results.push(result);
          if (!options.json) print(describe(result));
        },
        options.source ?? null,
      );
      const problems = results.filter(({ level }) => level === 'problem').length;
      answer(options, results, () =>
        problems === 0 ? pc.green('\nNo problem found.') : pc.red(`\n${counted(problems, 'problem')} found.`),
      );
      if (problems > 0) process.exitCode = exitCode.negative;
    });
}

const marks = { ok: pc.green('✓'), info: pc.blue('i'), warning: pc.yellow('!'), problem: pc.red('✗') };

/** Columns of the longest name of a check, "configuration in force", and one between. */
const nameWidth = 23;

function describe({ check, level, text, remedy }: Result): string {
  const line = hang(`${marks[level]} ${check.padEnd(nameWidth)} `, inLines(text));
  return remedy === undefined ? line : `${line}\n${hang(`  ${' '.repeat(nameWidth)} → `, asTyped(remedy))}`;
}
