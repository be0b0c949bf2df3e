/** `npm run bench`: how fast Vidhuk is, against the limit and against what people build instead, all in one run on one machine. */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findRedisServer } from '../checks/redis-server.js';
import { stopServices } from '../support/services/teardown.js';
import { judge, showVerdicts } from './goals.js';
import { showResult, type Result } from './report.js';
import { sections } from './sections/index.js';
import type { Size } from './sections/section.js';
import { startServers } from './servers.js';

const help = `npm run bench -- [options]

  --quick          one round of fewer contestants, no growth, no retention, no follow-ups: under two minutes
  --smoke          everything once, in seconds; its figures mean nothing
  --only <names>   these sections only, separated by commas; see --list
  --growth <n>     activities of the growth section (default 10,000,000; about 15 minutes)
  --json <file>    where the JSON goes (default test/bench/results/<time>.json)
  --list           the sections and what they measure

Examples: npm run bench -- --quick
          npm run bench -- --only growth --growth 1000000
A whole run takes about an hour. Have nothing else run on the machine. Needs a redis-server or valkey-server on the PATH.
Exit status: 0 measured, whether or not the goals were met; 2 it could not be run.
`;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { quick: flag, smoke: flag, list: flag, help: flag, only: text, growth: text, json: text },
  });
  if (values.help) {
    print(help);
    return;
  }
  if (values.list) {
    print(sections.map(({ name, about }) => `${name.padEnd(12)} ${about}`).join('\n'));
    return;
  }

  const size: Size = values.smoke ? 'smoke' : values.quick ? 'quick' : 'full';
  const growth = Number(values.growth ?? '10000000');
  if (!Number.isSafeInteger(growth) || growth < 1_000)
    throw new RangeError(`--growth must be a whole number from 1000, not "${values.growth}"`);
  const chosen = choose(values.only, size);
  const redis = findRedisServer();
  if (redis === undefined) throw new RangeError('there is no redis-server and no valkey-server on the PATH: install one of them');
  process.env.TEST_REDIS_SERVER = redis;

  const began = new Date();
  const loadBefore = loadavg()[0] ?? 0;
  const servers = await startServers();
  process.env.TEST_DATABASE_URL = servers.databaseUrl; // for what the sections share with the tests
  process.env.TEST_REDIS_URL = servers.redisUrl;
  const machine = {
    date: began.toISOString(),
    commit: commit(),
    cpu: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? '?'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${process.platform} ${release()}`,
    loadBefore,
    versions: await servers.versions(),
    postgresql: servers.settings,
    command: `npm run bench -- ${process.argv.slice(2).join(' ')}`.trimEnd(),
  };
  print(
    `${machine.date.slice(0, 16).replace('T', ' ')} UTC, ${machine.cpu}, ${machine.memoryGb} GB, load ${loadBefore.toFixed(1)}, commit ${machine.commit}`,
  );
  const results: Record<string, Result> = {};
  for (const { name, run } of chosen) {
    const started = performance.now();
    const say = progressOf(name);
    results[name] = await run({ servers, size, growth, say });
    say('');
    print(`\n${name}, ${Math.round((performance.now() - started) / 1_000)} s\n${showResult(results[name])}`);
  }
  const verdicts = judge(results);
  if (verdicts.length > 0) print(`\n${showVerdicts(verdicts)}`);
  if (size === 'smoke') print('\nThis was a smoke run: its figures mean nothing.');

  const file = values.json ?? fileURLToPath(new URL(`results/${machine.date.replaceAll(':', '-')}.json`, import.meta.url));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ machine, size, goals: verdicts, results }, null, 2)}\n`);
  print(`\nJSON: ${file}`);
}

function choose(only: string | undefined, size: Size): typeof sections {
  if (only === undefined)
    return sections.filter(({ name }) => size !== 'quick' || !['growth', 'retention', 'follow-ups'].includes(name));
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !sections.some((section) => section.name === name));
  if (unknown.length > 0) throw new RangeError(`there is no section ${unknown.join(', ')}: see --list`);
  return sections.filter(({ name }) => names.includes(name));
}

/** One line that is written over on a terminal, a line each time elsewhere. */
function progressOf(section: string): (detail: string) => void {
  const { stderr } = process;
  return (detail) => {
    if (stderr.isTTY) stderr.write(`\r\x1b[2K${detail === '' ? '' : `${section}: ${detail}`}`);
    else if (detail !== '') stderr.write(`${section}: ${detail}\n`);
  };
}

/** With a plus when the tree has changes. */
function commit(): string {
  const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim();
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
}

try {
  await main();
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? (error instanceof RangeError ? error.message : error.stack) : String(error)}\n`,
  );
  process.exitCode = 2;
} finally {
  await stopServices();
}
