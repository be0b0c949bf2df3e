import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send } from '../../support/http.js';
import { until } from '../../support/poll.js';
import { endServices, startService, type Service } from '../../support/processes.js';
import { openStores, type Stores } from '../../support/stores.js';

const secrets = { MAIN_TOKEN: 'token-hush-hush', ADMIN_TOKEN: 'admin-hush-hush', CRM_SECRET: 'action-hush-hush' };
const config = `
sources: { main: { tokens: ["\${MAIN_TOKEN}"] } }
actions:
  - name: tell-crm
    when: { status: SPAM }
    run: http-request
    with: { url: https://crm.example.com/, secret: "\${CRM_SECRET}" }
ingress: { drainMs: 0 }
`;

describe('a process and its secrets', function () {
  this.timeout(120_000);
  let folder = '';
  let stores: Stores;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-secrets-'));
    stores = await openStores('postgres');
  });
  after(async () => {
    await endServices();
    await stores.drop();
    await rm(folder, { recursive: true });
  });

  /** What other users (cmdline) and the same user (environ) can read of it, where the system tells. */
  const seen = async ({ pid }: Service, file: 'cmdline' | 'environ') =>
    existsSync(`/proc/${pid}/${file}`) ? (await readFile(`/proc/${pid}/${file}`, 'utf8')).replaceAll('\0', '\n') : '';

  async function inFiles(variables: Record<string, string>): Promise<Record<string, string>> {
    const files = Object.entries(variables).map(async ([name, value]): Promise<[string, string][]> => {
      const path = join(folder, name);
      await writeFile(path, `${value}\n`, { mode: 0o600 });
      return [
        [name, ''],
        [`${name}_FILE`, path],
      ];
    });
    return Object.fromEntries((await Promise.all(files)).flat());
  }

  it('runs with all of them in files, and then shows none: no command line, no environment, no log', async () => {
    const { databaseUrl, queueUrl } = stores;
    const variables = await inFiles({ ...secrets, DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl });
    const settings = { databaseUrl, queueUrl, config, variables };
    const [ingress, worker] = await Promise.all([startService('ingress', settings), startService('worker', settings)]);
    const url = `${await ingress.address()}/webhooks/esputnik/main/${secrets.MAIN_TOKEN}`;
    expect((await send(url, { method: 'POST', body: '[]' })).status).to.equal(200);
    const headers = { Authorization: `Bearer ${secrets.ADMIN_TOKEN}` };
    expect((await send(`${await worker.address()}/metrics`, { headers })).status).to.equal(200);
    await until('the batch is done', () => worker.lines().some(({ msg }) => msg === 'batch done'));
    for (const service of [ingress, worker]) {
      const everything = [await seen(service, 'cmdline'), await seen(service, 'environ'), service.text()].join('\n');
      for (const secret of [...Object.values(secrets), databaseUrl]) expect(everything).to.not.include(secret);
      expect(await service.stop()).to.equal(0);
    }
  });

  it('shows none in the process list when the environment holds them', async () => {
    const settings = { ...stores, config, adminToken: secrets.ADMIN_TOKEN, variables: secrets };
    const services = await Promise.all([startService('ingress', settings), startService('worker', settings)]);
    for (const service of services) {
      await service.address();
      const everything = `${await seen(service, 'cmdline')}\n${service.text()}`;
      for (const secret of [...Object.values(secrets), stores.databaseUrl]) expect(everything).to.not.include(secret);
      expect(await service.stop()).to.equal(0);
    }
  });

  it('does not start without the file that it was told of, and says which', async () => {
    const variables = { ADMIN_TOKEN_FILE: join(folder, 'nowhere') };
    const worker = await startService('worker', { ...stores, config, variables: { ...secrets, ADMIN_TOKEN: '', ...variables } });
    expect(await worker.exited).to.equal(78);
    expect(worker.text())
      .to.include('ADMIN_TOKEN_FILE names a file that cannot be read')
      .and.to.include(variables.ADMIN_TOKEN_FILE);
  });
});
