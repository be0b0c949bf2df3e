/** `vidhuk quarantine`: broken elements: look at them, mend and resubmit them, or let them go. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { rejectionReasons } from '@vidhuk/worker/activity';
import { parseAssignment, type Assignment } from '@vidhuk/worker/quarantine';
import { parseCount } from '../options/option-values.js';
import type { CliEnvironment } from '../environment.js';
import { type AnswerOptions, jsonOption } from '../output/answer.js';
import { wideOption } from '../options/wide-option.js';
import { parseDuration } from '../options/parse-duration.js';
import { discardElements } from './quarantine-discard.js';
import { listElements, showElement, type ListOptions } from './quarantine-list.js';
import type { RetryOptions } from './quarantine-retry.js';
import { exportElements } from './quarantine-export.js';
import type { FilterOptions, SelectOptions } from './quarantine-select.js';

const examples = `
Examples:
  vidhuk quarantine list --reason bad-date
  vidhuk quarantine show 17
  vidhuk quarantine retry 17 --set activityDateTime=2026-01-02T03:04:05
  vidhuk quarantine retry 17 --edit                  opens $EDITOR
  vidhuk quarantine export --reason bad-date >broken.ndjson
  vidhuk quarantine retry --from broken.ndjson       each line as some other tool has mended it
  vidhuk quarantine retry --reason bad-date --all    as they are, after the time zone of the source was mended
  vidhuk quarantine discard 17 18`;

export function quarantineCommand(environment: CliEnvironment): Command {
  const quarantine = new Command('quarantine').addHelpText('after', examples);
  withFilters(quarantine.command('list'))
    .description('those that wait: what says whether somebody may be written to, then the newest')
    .option('--all', 'those that were resubmitted or discarded too')
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .option(...wideOption)
    .action((options: ListOptions) => listElements(environment, options));
  quarantine
    .command('show')
    .argument('<id>', 'as in the list', parseCount)
    .description('one element: why it is here, and its text as received')
    .option(...jsonOption)
    .action((id: number, options: AnswerOptions) => showElement(environment, id, options));
  withFilters(quarantine.command('retry'))
    .argument('[ids...]', 'as in the list', collectNumber)
    .description('resubmit elements, mended or as they are; what is still broken stays')
    .option('--all', 'all that the other options select')
    .option('--set <path=value>', 'set a field first; may be repeated', collectAssignment)
    .option('--edit', 'edit the element first, in $EDITOR')
    .option('--from <file>', 'elements as "export" wrote them, mended since; one line of JSON each, with id and element')
    .option('--yes', 'do not ask')
    .action(async (ids: number[] | undefined, options: RetryOptions) => {
      // With actions and their handlers, which the other commands need not wait for.
      const { retryElements } = await import('./quarantine-retry.js');
      await retryElements(environment, ids ?? [], options);
    });
  quarantine
    .command('export')
    .option('--source <name>', 'only of this source')
    .addOption(new Option('--reason <reason>', 'only for this reason').choices(rejectionReasons))
    .option('--since <duration>', 'only of the last 90s, 30m, 12h, 7d …', parseDuration)
    .description('those that wait, oldest first, as lines of JSON for "retry --from"')
    .action((options: FilterOptions) => exportElements(environment, options));
  withFilters(quarantine.command('discard'))
    .argument('[ids...]', 'as in the list', collectNumber)
    .description('let elements go; they stay in the table as discarded')
    .option('--all', 'all that the other options select')
    .option('--yes', 'do not ask')
    .action((ids: number[] | undefined, options: SelectOptions) => discardElements(environment, ids ?? [], options));
  for (const command of quarantine.commands) command.addHelpText('after', examples);
  return quarantine;
}

function withFilters(command: Command): Command {
  return command
    .option('--source <name>', 'only of this source')
    .addOption(new Option('--reason <reason>', 'only for this reason').choices(rejectionReasons))
    .option('--since <duration>', 'only of the last 90s, 30m, 12h, 7d …', parseDuration)
    .option(...jsonOption);
}

const collectNumber = (text: string, others: number[] | undefined): number[] => [...(others ?? []), parseCount(text)];

function collectAssignment(text: string, others: readonly Assignment[] = []): Assignment[] {
  const assignment = parseAssignment(text);
  if (assignment === undefined) throw new InvalidArgumentError('write it as path=value, for example activityStatus=READ');
  return [...others, assignment];
}
