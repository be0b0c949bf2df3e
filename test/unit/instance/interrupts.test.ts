import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/poll.js';

const interrupts = new URL('../../../packages/cli/src/system/interrupts.ts', import.meta.url).href;

describe('a program that listens for interrupts, when its parent was killed', () => {
  let pid: number | undefined;
  afterEach(() => {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    pid = undefined;
  });

  /** Gives what the program writes from then on. `parent` is what it knows of the shell that has started it. */
  async function killParent(parent: string): Promise<() => string> {
    const program = `
      import { listenForInterrupts } from ${JSON.stringify(interrupts)};
      listenForInterrupts(${parent}).stopping.addEventListener('abort', () => console.log('stopping'));
      setInterval(() => undefined, 1_000);
      console.log(process.pid);`;
    const command = '"$0" --import tsx --input-type=module -e "$1" & wait';
    const shell = spawn('sh', ['-c', command, process.execPath, program], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    pid = Number(await until('it runs', () => /^\d+(?=\n)/.exec(text)?.[0]));
    const exited = once(shell, 'exit');
    shell.kill('SIGKILL');
    await exited;
    return () => text.replace(/^\d+\n/, '');
  }

  it('stops in order when it was told of that parent', async () => {
    const text = await killParent('process.ppid');
    await until('it stops', () => text() === 'stopping\n', { timeoutMs: 5_000 });
  });

  it('goes on when it was not: a shell may have sent it to the background', async () => {
    const text = await killParent('');
    await sleep(1_500);
    expect(text()).to.equal('');
  });
});
