/** `vidhuk workflow`: what happened in one run of a workflow. */
import { Command } from 'commander';
import { normaliseInstance, readRun, type RunStep } from '@vidhuk/worker/workflow';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { parsePositive } from '../options/option-values.js';
import { wideOption, type WideOption } from '../options/wide-option.js';
import { timeCell } from '../output/age.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { counted } from '../output/plural.js';
import { clip, inLine } from '../output/print.js';
import { formatTable, none } from '../output/table.js';

interface Options extends AnswerOptions, WideOption {
  source?: string;
  limit: number;
}

const examples = `
Examples:
  vidhuk workflow 5c0ea7d2-6b3f-11ee-b962-0242ac120002
  vidhuk workflow 5c0ea7d2-6b3f-11ee-b962-0242ac120002 --json

The id is workflowInstanceId, as requests of the block "Webhook" and activities carry it. Times of requests are those of their
receipt, times of activities the platform's.`;

export function workflowCommand(environment: CliEnvironment): Command {
  return new Command('workflow')
    .argument('<instance>', 'workflowInstanceId of the run')
    .option('--source <name>', 'only of this source')
    .option('--limit <n>', 'the first so many steps', parsePositive, 1_000)
    .option(...wideOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((instance: string, options: Options) => showRun(environment, instance, options));
}

async function showRun(environment: CliEnvironment, text: string, options: Options): Promise<void> {
  const workflowInstanceId = normaliseInstance(text);
  if (workflowInstanceId === null) throw new Error('say which run: its workflowInstanceId, of 500 characters at most');
  const { source = null, limit } = options;
  const steps = await withDatabase(environment, (dataSource) =>
    readRun(dataSource, workflowInstanceId, { source, limit: limit + 1 }),
  );
  const more = steps.length > limit;
  const shown = steps.slice(0, limit);
  const data = { workflowInstanceId, steps: shown, more };
  if (shown.length === 0) {
    answerNo(options, data, `Neither a request nor an activity of the run "${inLine(workflowInstanceId)}" has come in.`);
    return;
  }
  answer(options, data, () => [describe(shown, options.wide ?? false), ...(more ? [tellOfMore(limit)] : [])].join('\n'));
}

const tellOfMore = (limit: number): string =>
  `… only the first ${counted(limit, 'step')} of this run: more with --limit ${limit * 10}`;

function describe(steps: readonly RunStep[], wide: boolean): string {
  const rows = steps.map((step) => [timeCell(step.at, true), ...aboutOf(step, wide), String(step.contactId ?? none)]);
  return formatTable(['time', 'what', 'channel', 'about', 'contact'], rows, { wide });
}

/** Cells for what, channel and about. */
function aboutOf({ request, activity }: RunStep, wide: boolean): string[] {
  if (request !== null) {
    const { hook, method, body, query, bytes } = request;
    const names = Object.keys(query).length === 0 ? '' : JSON.stringify(query);
    const text = [names, body ?? `${counted(bytes, 'byte')} that are no text`].filter((part) => part !== '').join(' ');
    return [inLine(`${method} ${hook}`), none, wide ? inLine(text) : clip(text, 60)];
  }
  const about = activity?.statusDescription ?? activity?.clickEventLink ?? '';
  const message = activity?.messageId == null ? '' : `message ${activity.messageId}`;
  const text = [message, about].filter((part) => part !== '').join(': ');
  return [inLine(activity?.status ?? none), inLine(activity?.mediaType ?? none), wide ? inLine(text) : clip(text, 60)];
}
