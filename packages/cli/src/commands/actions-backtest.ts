/** `vidhuk actions backtest`: what an action would have done with what is kept. */
import pc from 'picocolors';
import { type Action, backtest, backtestRequests } from '@vidhuk/worker/follow-up';
import type { WorkerConfiguration } from '@vidhuk/worker/configuration';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { loadBesideDatabase } from '../load-configuration.js';
import { formatAge } from '../output/age.js';
import { answer, type AnswerOptions } from '../output/answer.js';
import { counted } from '../output/plural.js';
import { inLine } from '../output/print.js';
import { formatTable, none } from '../output/table.js';
import { findAction, refuseErasures } from './find-action.js';

export async function backtestAction(
  environment: CliEnvironment,
  name: string,
  { since, ...options }: AnswerOptions & { since: number },
): Promise<void> {
  const config = await loadBesideDatabase(environment);
  const action = findAction(config, name);
  refuseErasures(action);
  const from = new Date(Date.now() - since);
  const { held, ...found } = await (action.when.request === null
    ? ofActivities(environment, action, from, config)
    : ofRequests(environment, action, from));
  const { head, rows, what, ...data } = found;
  const result = { action: name, since: from.toISOString(), count: rows.length, held, ...data };
  answer(options, result, () => describe({ action: name, since: result.since, held, head, rows, what }));
}

interface Found {
  head: string[];
  rows: string[][];
  what: [string, string];
}

async function ofActivities(environment: CliEnvironment, action: Action, from: Date, config: WorkerConfiguration) {
  const { activities, held } = await withDatabase(environment, (dataSource) =>
    backtest(dataSource, action, from, config.sources),
  );
  const rows = activities.map((a) => [
    formatAge(new Date(a.occurredAt)),
    inLine(a.status),
    inLine(a.mediaType ?? none),
    String(a.contactId ?? none),
    inLine(a.address ?? none),
  ]);
  const found: Found = {
    head: ['occurred', 'status', 'channel', 'contact', 'address'],
    rows,
    what: ['activity', 'activities'],
  };
  return { held, activities, ...found };
}

async function ofRequests(environment: CliEnvironment, action: Action, from: Date) {
  const { requests, held } = await withDatabase(environment, (dataSource) => backtestRequests(dataSource, action, from));
  const rows = requests.map((r) => [
    formatAge(r.receivedAt),
    inLine(r.hook),
    String(r.contactId ?? none),
    inLine(r.email ?? r.phone ?? none),
    inLine(r.workflowInstanceId ?? none),
  ]);
  const found: Found = { head: ['received', 'hook', 'contact', 'address', 'run'], rows, what: ['request', 'requests'] };
  // A body is shown as what it says.
  return { held, requests: requests.map(({ body: _body, ...request }) => request), ...found };
}

function describe({ action, since, held, head, rows, what }: Found & { action: string; since: string; held: number }): string {
  const shown = rows.slice(-20);
  const lines = [`${action} would have been called for ${counted(rows.length, ...what)} since ${since}; nothing was called.`];
  if (held > 0) lines.push(`${held} more would have been held back by maxPerContact.`);
  if (shown.length === 0) return lines.join('\n');
  lines.push(formatTable(head, shown));
  if (rows.length > shown.length) lines.push(pc.dim(`… the latest ${shown.length} of them; all with --json`));
  return lines.join('\n');
}
