/** Valkey compiled to WebAssembly, for machines without Redis: real in all but persistence. A process of its own, as Redis is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../packages/cli/src/system/ports.js';
import { waitUntilRedisAnswers } from './redis-ready.js';
import { reapProcess } from './reaper.js';
import { afterAllTests } from './teardown.js';

export async function startRedisStandIn(): Promise<{ url: string }> {
  const port = await freePort();
  const script = fileURLToPath(new URL('redis-stand-in-process.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', script, String(port)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'spawn');
  const { ended } = reapProcess(child.pid!, 'SIGTERM');
  const exited = once(child, 'exit').then(ended);
  afterAllTests(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  await Promise.race([
    waitUntilRedisAnswers(port),
    exited.then(() => Promise.reject(new Error('the Redis stand-in ended at its start'))),
  ]);
  return { url: `redis://127.0.0.1:${port}` };
}
