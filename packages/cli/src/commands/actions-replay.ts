/** `vidhuk actions replay`: calls an action for what happened before it was there, or once more. */
import pc from 'picocolors';
import { findReplay, planReplay, underNewKey, type PlannedFollowUp } from '@vidhuk/worker/follow-up';
import { Tombstones } from '@vidhuk/worker/erase';
import { toMs } from '@vidhuk/shared';
import { describeStop, workOff } from '../bulk/work-off.js';
import { patientMs, withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { loadBesideDatabase } from '../load-configuration.js';
import { formatAge } from '../output/age.js';
import { answer, answerNo, type AnswerOptions } from '../output/answer.js';
import { confirm, withoutTerminal } from '../output/confirm.js';
import { counted } from '../output/plural.js';
import { inLine, printAside } from '../output/print.js';
import { formatTable, none } from '../output/table.js';
import { readSettings } from '../settings.js';
import { findAction, refuseErasures } from './find-action.js';

export interface ReplayOptions extends AnswerOptions {
  /** ms. */
  since: number;
  again?: boolean;
  rate?: number;
  yes?: boolean;
  yesAgain?: boolean;
}

/** Rows that a person is shown before the question. */
const shown = 5;

export async function replayAction(environment: CliEnvironment, name: string, options: ReplayOptions): Promise<void> {
  const { since, again = false, rate = null, json = false } = options;
  const { eraseKey } = readSettings(environment);
  const config = await loadBesideDatabase(environment);
  const action = findAction(config, name);
  refuseErasures(action);
  const kept = toMs(config.retention.followUps);
  if (!again && since > kept)
    throw new Error(
      `the ledger keeps follow-ups that ended for ${config.retention.followUps} (retention.followUps): of what is older nobody knows whether it ran. Say a shorter --since`,
    );
  const from = new Date(Date.now() - since);
  await withDatabase(
    environment,
    async (dataSource) => {
      const { planned, known } = await findReplay(dataSource, action, { since: from, again }, config.sources);
      if (planned.length === 0) {
        answerNo(
          options,
          { planned: 0, known },
          `Nothing to replay: ${name} has a row for all ${counted(known, 'match', 'matches')}.`,
        );
        return;
      }
      const rows = counted(planned.length, 'follow-up');
      if (!options.yes && !json) printAside(describeSample(planned, known, again));
      const isSure =
        (await confirm(`Plan ${rows} of ${name}?`, options.yes)) &&
        (!again ||
          (await confirm(
            'Those that were called before are called once more, under new keys: the receiver sees them as new. Sure?',
            options.yesAgain,
          )));
      if (!isSure) {
        const how = again ? '--yes and --yes-again say yes' : '--yes says yes';
        answerNo(options, { planned: 0, known }, `Nothing was planned: ${rows} would be.${withoutTerminal(how)}`);
        return;
      }
      const erased = new Tombstones(eraseKey);
      const result = await workOff({
        dataSource,
        command: 'actions replay',
        about: { action: name, since: from, again },
        items: planned,
        rate,
        step: async (some, act) => {
          const keyed = again ? some.map((each) => underNewKey(each, act)) : some;
          return { planned: await planReplay(dataSource, keyed, erased) };
        },
        quiet: json,
      });
      const { act, state, done, of, counts } = result;
      const data = { planned: counts.planned ?? 0, known, act, state, done, of };
      answer(options, data, () =>
        [
          pc.green(
            `${counted(data.planned, 'follow-up')} of ${name} ${data.planned === 1 ? 'is' : 'are'} planned${action.dryRun ? ' as dry run' : ''}.`,
          ),
          describeStop(result),
        ]
          .filter((line) => line !== '')
          .join('\n'),
      );
      if (state === 'stopped') process.exitCode = exitCode.negative;
    },
    { statementMs: patientMs },
  );
}

function describeSample(planned: readonly PlannedFollowUp[], known: number, again: boolean): string {
  const rows = planned
    .slice(0, shown)
    .map(({ activity }) => [
      formatAge(new Date(activity.occurredAt)),
      inLine('type' in activity ? activity.hook : activity.status),
      String(activity.contactId ?? none),
      inLine(('type' in activity ? activity.email : activity.address) ?? none),
    ]);
  return [
    formatTable(['occurred', 'what', 'contact', 'address'], rows),
    ...(planned.length > shown ? [pc.dim(`… and ${counted(planned.length - shown, 'more row', 'more rows')}`)] : []),
    ...(again || known === 0
      ? []
      : [`${counted(known, 'match has', 'matches have')} a row in the ledger already: they are left out.`]),
  ].join('\n');
}
