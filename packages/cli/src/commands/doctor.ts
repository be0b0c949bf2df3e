/** `vidhuk doctor`: is everything well, and if not, what is to be done? */
import { Command } from 'commander';
import pc from 'picocolors';
import { examine, type Result } from '../doctor/examine.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { inLines, print } from '../output/print.js';

export function doctorCommand(environment: CliEnvironment): Command {
  return new Command('doctor')
    .option('--json', 'print a JSON array')
    .addHelpText(
      'after',
      '\nExit codes: 0 no problem, 1 a problem, 2 could not run.\n\nExample:\n  vidhuk doctor --json | jq \'.[] | select(.level == "problem")\'',
    )
    .action(async ({ json }: { json?: boolean }) => {
      const results: Result[] = [];
      await examine(environment, (result) => {
        results.push(result);
        if (!json) print(describe(result));
      });
      if (json) print(JSON.stringify(results));
      const problems = results.filter(({ level }) => level === 'problem').length;
      if (!json)
        print(
          problems === 0
            ? pc.green('\nNo problem found.')
            : pc.red(`\n${problems === 1 ? 'A problem' : `${problems} problems`} found.`),
        );
      if (problems > 0) process.exitCode = exitCode.negative;
    });
}

const marks = { ok: pc.green('✓'), info: pc.blue('i'), warning: pc.yellow('!'), problem: pc.red('✗') };

function describe({ check, level, text, remedy }: Result): string {
  const line = `${marks[level]} ${check.padEnd(22)} ${inLines(text)}`;
  return remedy === undefined ? line : `${line}\n  ${' '.repeat(22)} ${pc.dim(`→ ${remedy}`)}`;
}
