import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { auditDependencies } from '../../checks/audit.js';
import { rejection } from '../../support/poll.js';

interface Audit {
  done: Promise<void>;
  said: string[];
  notDone: string[];
}

/** The step where pnpm prints `output` and exits with `code`. */
async function auditWith(output: string, code: number, look: (audit: Audit) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vidhuk-audit-'));
  try {
    await writeFile(join(folder, 'output'), output);
    await writeFile(join(folder, 'npx'), `#!/bin/sh\ncat "$(dirname "$0")/output"\nexit ${code}\n`, { mode: 0o755 });
    const said: string[] = [];
    const notDone: string[] = [];
    const variables = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` };
    const line = { say: (detail: string) => void said.push(detail), notDone: (why: string) => void notDone.push(why) };
    await look({ done: auditDependencies(line, variables, new AbortController().signal), said, notDone });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the audit of dependencies', () => {
  it('fails for a known weakness, and names it', async () => {
    const advisory = { module_name: 'leaky', severity: 'high', title: 'leaks', url: 'https://advisories.example/1' };
    const report = `WARN something\n${JSON.stringify({ advisories: { 1: advisory }, metadata: {} })}`;
    await auditWith(report, 1, async ({ done }) => {
      expect((await rejection(done)).message).to.include('leaky (high): leaks, https://advisories.example/1');
    });
  });

  it('says that none is known where the registry says so', async () => {
    await auditWith(JSON.stringify({ advisories: {}, metadata: {} }), 0, async ({ done, said, notDone }) => {
      await done;
      expect(said).to.deep.equal(['none is known']);
      expect(notDone).to.deep.equal([]);
    });
  });

  it('neither fails nor counts as done for lack of an answer, and says that nothing was asked', async () => {
    const refused = JSON.stringify({ error: { code: 'ERR_PNPM_AUDIT_BAD_RESPONSE', message: 'responded with 405' } });
    const answers: [string, string][] = [[refused, 'responded with 405']];
    for (const output of ['', 'ENOTFOUND', '{']) answers.push([output, 'the registry gave no answer']);
    for (const [output, why] of answers)
      await auditWith(output, 1, async ({ done, said, notDone }) => {
        await done;
        expect(said).to.deep.equal([]);
        expect(notDone).to.deep.equal([`not done: ${why}`]);
      });
  });
});
