/** `vidhuk acts`: who did what by the command line, what goes on now, and stopping it. */
import { Command } from 'commander';
import { askToStop, readActs } from '@vidhuk/worker/contact';
import type { Act } from '@vidhuk/worker/database';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { parsePositive } from '../options/option-values.js';
import { timeCell } from '../output/age.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { clip, inLine } from '../output/print.js';
import { formatTable } from '../output/table.js';

const examples = `
Examples:
  vidhuk acts             retries and replays in bulk, erasures, rebuilds: newest first, with how far they are
  vidhuk acts stop 12     one that goes on stops after its step`;

export function actsCommand(environment: CliEnvironment): Command {
  const acts = new Command('acts').addHelpText('after', examples);
  acts
    .command('list', { isDefault: true })
    .description('the latest, newest first')
    .option('--limit <n>', 'at most so many', parsePositive, 20)
    .option(...jsonOption)
    .action(async (options: AnswerOptions & { limit: number }) => {
      const rows = await withDatabase(environment, (dataSource) => readActs(dataSource, options.limit));
      answer(options, rows, describe);
    });
  acts
    .command('stop')
    .description('stop one that goes on; what it has done stays done')
    .argument('<id>', 'its number in the list', parsePositive)
    .option(...jsonOption)
    .action(async (id: number, options: AnswerOptions) => {
      const asked = await withDatabase(environment, (dataSource) => askToStop(dataSource, id));
      if (asked) answer(options, { id, asked }, () => `Act ${id} stops after the step that it is at.`);
      else answerNo(options, { id, asked }, `No act ${id} goes on: "vidhuk acts" lists them.`);
    });
  return acts;
}

/** A process that died says nothing: it told of each step. */
const silentMs = 120_000;

function stateOf({ state, at }: Act['detail']): string {
  if (state !== 'running') return typeof state === 'string' ? state : 'done';
  const since = typeof at === 'string' ? Date.now() - Date.parse(at) : 0;
  return since > silentMs ? 'cut off' : 'running';
}

function describe(acts: readonly Act[]): string {
  if (acts.length === 0) return 'Nothing was done by the command line yet.';
  const rows = acts.map((act) => {
    const { state: _state, at: _at, of, done, ...rest } = act.detail;
    const far = typeof of === 'number' && typeof done === 'number' ? `${done} of ${of}` : '';
    return [
      String(act.id),
      timeCell(act.doneAt, false),
      inLine(act.who),
      act.command,
      stateOf(act.detail),
      far,
      clip(JSON.stringify(rest), 60),
    ];
  });
  return formatTable(['id', 'when', 'who', 'command', 'state', 'done', 'what'], rows, { right: ['id'] });
}
