/** `vidhuk reload`: the processes of `npm start` read the configuration again. */
import { messageOf, readEnvironment, settingOf, type ConfigurationStatus } from '@vidhuk/shared';
import { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, type CliEnvironment } from '../environment.js';
import { askConfiguration } from '../in-force/ask-configuration.js';
import { knownServices, type KnownService } from '../in-force/known-services.js';
import { answer, jsonOption, type AnswerOptions } from '../output/answer.js';
import { inLines } from '../output/print.js';

/** To read the file, and to stop and start the actions that have changed: calls under way get 10 s. */
const patienceMs = 40_000;

const elsewhere =
  'no "npm start" runs here. Elsewhere every ingress and worker gets SIGHUP: "docker compose kill -s HUP ingress ingress-2 worker", or "kill -HUP PID"; its log and "vidhuk doctor" tell what it has taken';

interface Reloaded extends KnownService {
  status: ConfigurationStatus;
}

export function reloadCommand(environment: CliEnvironment): Command {
  return new Command('reload')
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nTokens and sources, actions and handlers are taken at once. The rest is named, and waits for a restart. A file with a mistake is refused as a whole.\n\nExit codes: 0 taken, 1 refused, 2 could not be done.\n\nExample:\n  vidhuk reload && vidhuk doctor',
    )
    .action(async (options: AnswerOptions) => {
      const services = knownServices(settingOf(environment, 'VIDHUK_HOME') ?? '.vidhuk');
      if (services.length === 0) throw new Error(elsewhere);
      const reloaded = await Promise.all(services.map((service) => reload(service, environment)));
      if (reloaded.some(({ status }) => status.problem !== null)) process.exitCode = exitCode.negative;
      answer(options, reloaded, (all) => all.map(describe).join('\n'));
    });
}

/** Waits until the process has read the file after our signal, and taken or refused it. */
async function reload(service: KnownService, environment: CliEnvironment): Promise<Reloaded> {
  const { ingress, admin } = readEnvironment(environment);
  const since = Date.now();
  process.kill(service.pid, 'SIGHUP');
  for (let last = 'it still runs the one before'; ;) {
    try {
      const status = await askConfiguration(service.name === 'ingress' ? ingress : admin, admin.token ?? '');
      if (Date.parse(status.readAt) >= since) return { ...service, status };
    } catch (error) {
      last = messageOf(error);
    }
    if (Date.now() - since > patienceMs)
      throw new Error(`the ${service.name} has not taken the configuration within ${patienceMs / 1000} s (${last}): see its log`);
    await sleep(100);
  }
}

function describe({ name, status }: Reloaded): string {
  const { problem, taken, waitsForRestart, loadedAt } = status;
  const lines =
    problem === null
      ? [
          taken.length === 0 ? 'nothing to take has changed' : `taken: ${taken.join(', ')}`,
          ...waitsForRestart.map((setting) => `${setting} waits for a restart`),
        ]
      : [`refused, that of ${loadedAt} stays in force. ${inLines(problem)}`];
  return lines.map((line) => `${name.padEnd(7)}  ${line}`).join('\n');
}
