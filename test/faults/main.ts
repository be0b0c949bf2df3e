/** `npm run faults`: breaks a cluster on purpose, seed by seed, and says whether anything was lost. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listenForInterrupts } from '../../packages/cli/src/system/interrupts.js';
import { findRedisServer } from '../checks/redis-server.js';
import { stopServices } from '../support/services/teardown.js';
import { exitCodeOf } from './report.js';
import { runBackends } from './run-backends.js';
import { runSeeds } from './run-seeds.js';

const results = fileURLToPath(new URL('results', import.meta.url));

const help = `npm run faults -- [options]

  --seeds <n>        so many seeds (default 20)
  --seed <k>         the first one (default 1); alone: only this one, to replay it
  --minutes <m>      begin no further seed after so long
  --backend <b>      redis or postgres (default: one after the other)
  --json <file>      write the report there too

Each seed is a feed of 2,000 activities, three to five faults of its own, and a check of everything that was acknowledged.
Ctrl-C ends it after the seed that is being played, with a report; a second one at once. Logs, and the ledgers of failed seeds, stay in test/faults/results. As root on Linux disks are filled too, and the name server falls silent; with libfaketime
(Debian: apt install libfaketime) clocks jump. The report names the kinds of fault that were not played.
Exit status: 0 nothing was lost, doubled or stuck; 1 something was; 2 it could not be run.
`;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { seeds: number, seed: number, minutes: number, backend: number, json: number, help: { type: 'boolean' } },
  });
  if (values.help) {
    print(help);
    return 0;
  }
  const first = wholeNumber('--seed', values.seed ?? '1');
  const count = wholeNumber('--seeds', values.seeds ?? (values.seed === undefined ? '20' : '1'));
  const backends = (['redis', 'postgres'] as const).filter((name) => values.backend === undefined || values.backend === name);
  if (backends.length === 0) throw new RangeError('--backend must be redis or postgres');
  process.env.TEST_REDIS_SERVER ??= findRedisServer() ?? '';

  const { stopping, forced } = listenForInterrupts();
  stopping.addEventListener('abort', () => print('This seed is played to its end; Ctrl-C again ends it at once.'));
  forced.addEventListener('abort', () => process.exit(2));
  const reports = await runBackends(
    {
      ...{ backends, stopping, print },
      seeds: Array.from({ length: count }, (_, index) => first + index),
      folderOf: (backend) => `${results}/${backend}`,
      ...(values.minutes === undefined ? {} : { minutes: wholeNumber('--minutes', values.minutes) }),
    },
    runSeeds,
  );
  if (values.json !== undefined) {
    await mkdir(dirname(values.json), { recursive: true });
    await writeFile(values.json, `${JSON.stringify(reports, null, 2)}\n`);
  }
  return exitCodeOf(reports);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number, not "${text}"`);
  return value;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
} finally {
  await stopServices();
}
