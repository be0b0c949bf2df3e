/** Whether a process runs the configuration that stands in the file, and if not, what is different and what to do. */
import {
  fingerprintOf,
  isReadByIngress,
  isSameText,
  readConfigurationFile,
  type ConfigurationStatus,
  type Environment,
  type Variables,
} from '@vidhuk/shared';
import { resolve } from 'node:path';
import { ok, warning, type Finding } from '../doctor/check.js';

/** As the file at `configPath` is now, with the variables that are set here, for a process that reads these parts of it. */
export async function fileFingerprint(
  { configPath, admin }: Environment,
  variables: Variables,
  process: 'ingress' | 'worker',
): Promise<string> {
  const text = await readConfigurationFile(configPath);
  return fingerprintOf(text, variables, admin.token, process === 'ingress' ? isReadByIngress : undefined);
}

/** `process`: its name. `fingerprint`: of the file at `path`. */
export function compareWithFile(process: string, status: ConfigurationStatus, path: string, fingerprint: string): Finding[] {
  const waiting = status.waitsForRestart.map((setting) =>
    warning(`${setting} waits for a restart of the ${process}`, `restart the ${process}`),
  );
  return [...difference(process, status, path, fingerprint), ...waiting];
}

function difference(process: string, status: ConfigurationStatus, path: string, fingerprint: string): Finding[] {
  const since = `of ${status.loadedAt}`;
  if (resolve(path) !== status.file)
    return [warning(`the ${process} runs ${status.file}, not ${path}`, `set VIDHUK_CONFIG=${status.file} to compare with it`)];
  if (status.fingerprint === fingerprint) return [ok(`the ${process} runs ${path} as it is`)];
  if (status.problem !== null)
    return [
      warning(`the ${process} has refused ${path} and runs that ${since}: ${status.problem}`, 'mend it, then "vidhuk reload"'),
    ];
  if (isSameText(status.fingerprint, fingerprint))
    return [
      warning(
        `the ${process} runs ${path} with other values of its variables than are set here`,
        'after a change of a secret file "vidhuk reload", after one of a variable a restart',
      ),
    ];
  return [warning(`the ${process} runs ${path} as ${since}`, '"vidhuk reload", or SIGHUP to the process')];
}
