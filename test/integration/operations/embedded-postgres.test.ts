import { expect } from 'chai';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../../scripts/support/test-services.mjs';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

describe('the embedded PostgreSQL', function () {
  this.timeout(60_000);

  it('sends no signal to the number of a server that has ended: it may be another process by now', async () => {
    const directory = await makeTemporaryDirectory();
    const server = await startEmbeddedPostgres({
      dataDir: join(directory, 'postgres'),
      logFile: join(directory, 'postgres.log'),
    });
    process.kill(server.pid, 'SIGQUIT');
    await server.exited;
    const signalled: unknown[] = [];
    const kill = process.kill.bind(process);
    process.kill = (pid, signal) => {
      signalled.push([pid, signal]);
      return kill(pid, signal);
    };
    try {
      await server.stop();
    } finally {
      process.kill = kill;
    }
    expect(signalled).to.deep.equal([]);
  });
});
