import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const audit = new URL('../../../scripts/support/check/audit.mjs', import.meta.url).href;
const program = `
  import { auditDependencies } from ${JSON.stringify(audit)};
  await auditDependencies(console.log, new AbortController().signal).catch((error) => {
    console.log(error.message);
    process.exitCode = 1;
  });`;

/** What the step says when pnpm prints `output` and exits with `code`. */
async function auditWith(output: string, code: number): Promise<{ code: number; said: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'vidhuk-audit-'));
  try {
    await writeFile(join(folder, 'output'), output);
    await writeFile(join(folder, 'npx'), `#!/bin/sh\ncat "$(dirname "$0")/output"\nexit ${code}\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` };
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [status] = (await once(child, 'close')) as [number];
    return { code: status, said };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the audit of dependencies', () => {
  it('fails for a known weakness, and names it', async () => {
    const advisory = { module_name: 'leaky', severity: 'high', title: 'leaks', url: 'https://advisories.example/1' };
    const { code, said } = await auditWith(`WARN something\n${JSON.stringify({ advisories: { 1: advisory }, metadata: {} })}`, 1);
    expect(said).to.include('leaky (high): leaks, https://advisories.example/1');
    expect(code).to.equal(1);
  });

  it('says that none is known where the registry says so', async () => {
    expect(await auditWith(JSON.stringify({ advisories: {}, metadata: {} }), 0)).to.deep.equal({
      code: 0,
      said: 'none is known\n',
    });
  });

  it('fails for no lack of an answer, and says that nothing was asked', async () => {
    const refused = JSON.stringify({ error: { code: 'ERR_PNPM_AUDIT_BAD_RESPONSE', message: 'responded with 405' } });
    expect(await auditWith(refused, 1)).to.deep.equal({ code: 0, said: 'not done: responded with 405\n' });
    for (const output of ['', 'ENOTFOUND', '{'])
      expect(await auditWith(output, 1)).to.deep.equal({ code: 0, said: 'not done: the registry gave no answer\n' });
  });
});
