import { expect } from 'chai';
import { chmod, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyForAll, makeLinks } from '../../../packages/cli/src/embedded-postgres/binaries.js';
import { createDataDirectory } from '../../../packages/cli/src/embedded-postgres/data-directory.js';
import { startEmbeddedPostgres } from '../../../packages/cli/src/embedded-postgres/start-embedded-postgres.js';
import { rejection } from '../../support/poll.js';
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

  it('tells of a data folder that it may not read, and makes no other beside it', async () => {
    const directory = await makeTemporaryDirectory();
    const dataDir = join(directory, 'postgres');
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'PG_VERSION'), '18\n');
    await chmod(directory, 0o777);
    const uid = process.getuid?.();
    await chmod(dataDir, 0o000);
    if (uid === 0) process.seteuid?.(65_534); // root may read everything
    try {
      const create = createDataDirectory(dataDir, '/bin/false', undefined);
      expect((await rejection(create)).message).to.match(/postgres\/PG_VERSION cannot be read \(EACCES\): .*VIDHUK_HOME/);
    } finally {
      if (uid === 0) process.seteuid?.(0);
      await chmod(dataDir, 0o700);
    }
    expect(await readdir(directory)).to.deep.equal(['postgres']);
  });

  it('leaves a folder alone that holds something else', async () => {
    const directory = await makeTemporaryDirectory();
    const dataDir = join(directory, 'postgres');
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'letter'), 'dear');
    const create = createDataDirectory(dataDir, '/bin/false', undefined);
    expect((await rejection(create)).message).to.include('is not empty and holds no PostgreSQL');
    expect(await readdir(directory)).to.deep.equal(['postgres']);
  });

  it('leaves nothing half made where initdb fails', async () => {
    const directory = await makeTemporaryDirectory();
    await rejection(createDataDirectory(join(directory, 'postgres'), '/bin/false', undefined));
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it('starts on a folder whose mark of a running server was emptied by a power cut', async () => {
    const directory = await makeTemporaryDirectory();
    const options = { dataDir: join(directory, 'postgres'), logFile: join(directory, 'postgres.log') };
    const first = await startEmbeddedPostgres(options);
    await first.stop();
    await writeFile(join(options.dataDir, 'postmaster.pid'), '');
    const second = await startEmbeddedPostgres(options);
    await second.stop();
    await writeFile(join(options.dataDir, 'vidhuk-connection.json'), '');
    const { message } = await rejection(startEmbeddedPostgres(options));
    expect(message).to.match(/vidhuk-connection\.json is not whole .*: put it back from a backup/);
  });

  it('makes the links itself that an install without scripts has left out', async () => {
    const folder = await makeTemporaryDirectory();
    const native = join(folder, 'native');
    await mkdir(join(native, 'lib'), { recursive: true });
    await writeFile(join(native, 'lib/libicuuc.so.60.2'), 'library');
    const links = ['libicuuc.so.60', 'libicuuc.so'].map((name) => ({
      source: 'native/lib/libicuuc.so.60.2',
      target: `native/lib/${name}`,
    }));
    await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links));
    for (const time of ['the first', 'the second']) {
      makeLinks(native);
      expect(await readFile(join(native, 'lib/libicuuc.so.60'), 'utf8'), time).to.equal('library');
      expect(await readlink(join(native, 'lib/libicuuc.so'))).to.equal('libicuuc.so.60.2');
    }
    makeLinks(join(folder, 'some platforms need none'));
  });

  it('makes its copy of the programs again where a part of it was cleaned away', async () => {
    const directory = await makeTemporaryDirectory();
    const native = join(directory, 'native');
    await mkdir(join(native, 'share'), { recursive: true });
    await writeFile(join(native, 'share/zone'), 'Kyiv');
    const version = `of-tests-${process.pid}`;
    const copy = copyForAll(native, version);
    try {
      expect(await readFile(join(copy, 'share/zone'), 'utf8')).to.equal('Kyiv');
      await rm(join(copy, 'share/zone'));
      expect(copyForAll(native, version)).to.equal(copy);
      expect(await readFile(join(copy, 'share/zone'), 'utf8')).to.equal('Kyiv');
    } finally {
      await rm(copy, { recursive: true });
    }
  });
});
