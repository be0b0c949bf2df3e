import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  batchQueueName,
  workflowQueueName,
  type Environment,
  type JobQueue,
  type QueueStore,
} from '../../../packages/shared/src/index.js';
import type { Check, Finding } from '../../../packages/cli/src/doctor/check.js';
import { compareClock } from '../../../packages/cli/src/doctor/clock.js';
import { databaseChecks } from '../../../packages/cli/src/doctor/database-checks.js';
import { processChecks } from '../../../packages/cli/src/doctor/process-checks.js';
import { queueChecks } from '../../../packages/cli/src/doctor/queue-checks.js';
import { timedId } from '../../support/batch-queue.js';

type Patient = Parameters<Check['look']>[0];

/** What the check of that name finds of a patient of whom no more is known than it looks at. */
async function findingsOf(name: string, patient: Partial<Patient>): Promise<Finding[]> {
  const check = [...databaseChecks, ...queueChecks, ...processChecks].find((each) => each.name === name);
  if (check === undefined) throw new Error(`there is no check of ${name}`);
  return check.look(patient as Patient);
}
const levelsOf = async (name: string, patient: Partial<Patient>) => (await findingsOf(name, patient)).map(({ level }) => level);

/** A database that answers every question with these rows. */
const databaseOf = (answer: (sql: string) => unknown[]) =>
  ({ query: (sql: string) => Promise.resolve(answer(sql)) }) as unknown as Patient['database'];

describe('vidhuk doctor finds', () => {
  it('a server that is older than what is supported', async () => {
    const levels = (kind: QueueStore['kind'], version: string) =>
      levelsOf('queue version', { store: { kind, version: () => Promise.resolve(version) } as QueueStore });
    for (const version of ['5.0.14', '6.0.20', '6.1.9'])
      expect(await levels('redis', version), version).to.deep.equal(['problem']);
    for (const version of ['6.2.0', '7.0.15', '8.0', '10.1.0'])
      expect(await levels('redis', version), version).to.deep.equal(['ok']);
    expect(await levels('postgres', '14.12 (Debian 14.12-1)')).to.deep.equal(['problem']);
    expect(await levels('postgres', '15.0')).to.deep.equal(['ok']);
    const database = (version: number) => levelsOf('database version', { database: databaseOf(() => [{ version, name: 'x' }]) });
    expect([await database(149_999), await database(150_000)]).to.deep.equal([['problem'], ['ok']]);
  });

  it('batches and requests of workflows that failed, that nobody takes, and a queue that is paused', async () => {
    const queue = async (counts: { failed?: number }, oldestMs: number | null, paused = false) => {
      const opened = {
        getCountsPerPriority: () => Promise.resolve({ 0: oldestMs === null ? 0 : 1 }),
        getJobCounts: () => Promise.resolve({ active: 0, delayed: 0, failed: 0, ...counts }),
        getRanges: () => Promise.resolve(oldestMs === null ? [] : [timedId(Date.now() - oldestMs)]),
        isPaused: () => Promise.resolve(paused),
        close: () => Promise.resolve(),
      };
      const names: string[] = [];
      const openQueue = <Data>(name: string) => {
        names.push(name);
        return Promise.resolve(opened as unknown as JobQueue<Data>);
      };
      const patient = { store: { kind: 'redis', openQueue } as Partial<QueueStore> as QueueStore };
      const levels = await levelsOf('queue', patient);
      expect(await levelsOf('queue of workflows', patient)).to.deep.equal(levels);
      expect(names).to.deep.equal([batchQueueName, workflowQueueName]);
      return levels;
    };
    expect(await queue({}, null)).to.deep.equal(['ok']);
    expect(await queue({}, 50_000)).to.deep.equal(['ok']);
    expect(await queue({}, 61_000)).to.deep.equal(['warning']);
    expect(await queue({ failed: 1 }, null)).to.deep.equal(['problem']);
    expect(await queue({}, null, true)).to.deep.equal(['warning']);
  });

  it('a clock that others do not have', async () => {
    const finding = (offsetMs: number) => compareClock('the database', () => Promise.resolve(Date.now() + offsetMs));
    expect(await finding(0)).to.include({ level: 'ok' });
    for (const [offsetMs, level] of [
      [3_000, 'warning'],
      [-3_000, 'warning'],
      [61_000, 'problem'],
      [-61_000, 'problem'],
    ] as const)
      expect(await finding(offsetMs), String(offsetMs)).to.include({ level });
    expect((await finding(-61_000)).text).to.match(/^the clock of the database is 6\d{4} ms behind/);
  });

  it('a database that may lose what it has acknowledged', async () => {
    for (const off of ['fsync', 'full_page_writes', 'synchronous_commit']) {
      const names = ['fsync', 'full_page_writes', 'synchronous_commit'];
      const database = databaseOf((sql) =>
        names.filter((name) => sql.includes(`'${name}'`)).map((name) => ({ name, setting: name === off ? 'off' : 'on' })),
      );
      const [finding, ...others] = await findingsOf('database durability', { database });
      expect(finding, off).to.include({ level: 'problem', text: `${off} is off: a crash may lose the log` });
      expect(others).to.be.empty;
    }
    expect(await levelsOf('database durability', { database: databaseOf(() => []) })).to.deep.equal(['ok']);
  });

  it('a support role that is missing, and how to make it', async () => {
    const [finding] = await findingsOf('support role', { database: databaseOf(() => [{ exists: false }]) });
    expect(finding).to.include({ level: 'warning', text: 'the role vidhuk_support is missing' });
    expect(finding?.remedy).to.contain('create role vidhuk_support nologin').and.to.contain('vidhuk.contact_status');
    expect(await levelsOf('support role', { database: databaseOf(() => [{ exists: true }]) })).to.deep.equal(['ok']);
  });

  it('tokens that can be guessed: those of fewer than 16 characters', async () => {
    const levels = (token: string, adminToken: string | undefined) =>
      levelsOf('tokens', {
        config: { sources: { main: { tokens: ['t'.repeat(40), token] } } } as unknown as Patient['config'],
        environment: { admin: { token: adminToken } } as Environment,
      });
    const [short, long] = ['t'.repeat(15), 't'.repeat(16)];
    expect(await levels(long, long)).to.deep.equal(['ok']);
    expect(await levels(short, long)).to.deep.equal(['warning']);
    expect(await levels(long, short)).to.deep.equal(['warning']);
    expect(await levels(long, undefined)).to.deep.equal(['warning']);
    expect(await levels('t'.repeat(8), 't'.repeat(8))).to.deep.equal(['warning', 'warning']);
    expect(await levels(`${long}#`, long)).to.deep.equal(['warning']);
  });

  it('a process that is not ready, and what it says of it', async () => {
    let status = 503;
    const token = 'ключ-від-адмінки-1';
    const given = new Set<string>();
    const server = createServer(({ headers }, response) => {
      given.add(Buffer.from(headers.authorization ?? '', 'latin1').toString());
      response.writeHead(status).end('{"checks":{"database":"is away"}}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    const environment = { ingress: address, admin: { ...address, token } } as Environment;
    try {
      for (const name of ['ingress', 'worker']) {
        status = 503;
        const [finding] = await findingsOf(name, { environment });
        expect(finding).to.include({ level: 'warning' });
        expect(finding?.text).to.contain('is not ready').and.to.contain('is away');
        status = 200;
        expect(await levelsOf(name, { environment })).to.deep.equal(['ok']);
      }
    } finally {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
    for (const name of ['ingress', 'worker']) expect(await levelsOf(name, { environment })).to.deep.equal(['info']);
    expect([...given], 'as UTF-8, whatever it is made of').to.deep.equal([`Bearer ${token}`]);
  });
});
