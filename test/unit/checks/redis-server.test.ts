import { expect } from 'chai';
import { access, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announceInstallation, provideRedisServer } from '../../checks/redis-server.js';
import { rejection } from '../../support/poll.js';

describe('Redis for npm test, on a machine that has none', () => {
  let folder: string;
  let called: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-redis-'));
    called = join(folder, 'called');
    await symlink('/bin/sh', join(folder, 'sh'));
    await writeFile(join(folder, 'apt-get'), `#!/bin/sh\necho "$@" >> "${called}"\n`, { mode: 0o755 });
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function provide(variables: Record<string, string>): Promise<string> {
    let said = '';
    const line = { say: (detail: string) => void (said = detail) };
    await provideRedisServer(line, variables, true, new AbortController().signal);
    return said;
  }

  it('is installed by apt-get, which is announced with the way to prevent it', async () => {
    expect(announceInstallation({ PATH: folder }, true)).to.match(/apt-get will install .* VIDHUK_NO_APT=1 .* on the PATH/);
    await provide({ PATH: folder });
    expect(await readFile(called, 'utf8')).to.include('install -y --no-install-recommends redis-server');
  });

  it('is not installed where VIDHUK_NO_APT is set: a stand-in takes its place', async () => {
    const variables = { PATH: folder, VIDHUK_NO_APT: '1' };
    expect(announceInstallation(variables, true)).to.equal(undefined);
    expect(await provide(variables)).to.match(/no redis-server on the PATH: .* stands in/);
    expect(await rejection(access(called))).to.have.property('code', 'ENOENT');
  });

  it('is taken from the PATH where there is one', async () => {
    const server = join(folder, 'valkey-server');
    await writeFile(server, '', { mode: 0o755 });
    expect(announceInstallation({ PATH: folder }, true)).to.equal(undefined);
    expect(await provide({ PATH: folder })).to.equal(server);
  });
});
