/** The benchmark works, whatever it measures: all its sections, on a handful of activities. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Report {
  machine: { versions: Record<string, string>; command: string };
  size: string;
  goals: { what: string; value: number; goal: string; met: boolean }[];
  results: Record<string, { rows: string[][]; figures: Record<string, number> }>;
}

async function bench(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions', '@vidhuk/source', 'test/bench/main.ts', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its servers are its own.
    env: { ...process.env, TEST_DATABASE_URL: '', TEST_REDIS_URL: '' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

describe('the benchmark', () => {
  it('measures every section and judges every goal, on the screen and as JSON', async function () {
    needsRedisServer.call(this);
    this.timeout(180_000);
    const file = join(await makeTemporaryDirectory(), 'bench.json');
    const { code, output } = await bench('--smoke', '--growth', '2000', '--json', file);
    expect(code, output).to.equal(0);
    const report = JSON.parse(await readFile(file, 'utf8')) as Report;
    expect(report.size).to.equal('smoke');
    expect(report.machine.versions).to.have.all.keys('node', 'postgres', 'redis');
    expect(report.results).to.have.all.keys('throughput', 'ingress', 'latency', 'answers', 'growth', 'follow-ups', 'retention');
    for (const [name, { rows, figures }] of Object.entries(report.results)) {
      expect(rows, name).to.not.be.empty;
      for (const [figure, value] of Object.entries(figures)) expect(value, `${name}: ${figure}`).to.be.finite;
    }
    for (const { what } of report.goals) expect(output).to.contain(what);
    expect(output).to.contain('its figures mean nothing');
  });

  it('lists its sections, and says what is wrong with an option', async function () {
    this.timeout(60_000); // three processes, each compiled from its source
    expect((await bench('--list')).output).to.match(/^throughput +\S/m);
    const unknown = await bench('--only', 'everything');
    expect(unknown).to.include({ code: 2 });
    expect(unknown.output).to.contain('there is no section everything: see --list');
    expect((await bench('--growth', 'much')).output).to.contain('--growth must be a whole number from 1000, not "much"');
  });
});
