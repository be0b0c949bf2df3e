import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { payloadOf, type SinglePayload } from '../../../packages/worker/src/handlers/payload.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { fillDatabase } from '../../support/fill-database.js';
import { tracesOf } from '../../support/find-traces.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { storeKinds } from '../../support/stores.js';

const key = 'a-key-of-tests-that-has-more-than-32-characters';
const needles = ['4815162342', 'ann.lovelace', 'crm-ann-0001'];
const sent = (contactId: number, name: string, activityStatus = 'DELIVERED') => ({
  ...{
    activityDateTime: '2026-11-01T10:00:00',
    activityStatus,
    mediaType: 'email',
    iid: `${contactId}${activityStatus}`,
    contactId,
  },
  ...{ email: `${name}@example.com`, externalCustomerId: `crm-${name.slice(0, 3)}-0001` },
});

for (const kind of storeKinds)
  describe(`An action with "on: erase", the queue on ${kind}`, function () {
    this.timeout(120_000);
    let bed: Bed;
    let client: pg.Client;
    let config: string;
    let fails = true;
    const told: SinglePayload[] = [];
    const calls = recorder(([erased]) => {
      told.push(payloadOf('forget', erased!) as SinglePayload);
      if (fails) throw new Error('the CRM is away');
    });
    const forget = actionOf({ name: 'forget', on: 'erase', when: {} }, calls.handler);
    const run = (...args: string[]) =>
      runCli(
        { DATABASE_URL: bed.stores.databaseUrl, QUEUE_URL: bed.stores.queueUrl, VIDHUK_CONFIG: config, ERASE_KEY: key },
        ...args,
      );

    before(async () => {
      bed = await Bed.open(kind);
      client = new pg.Client({ connectionString: bed.stores.databaseUrl });
      await client.connect();
      config = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
      await writeFile(
        config,
        `sources: { main: { tokens: [test-token-test-token] } }
actions:
  - { name: forget, on: erase, when: {}, run: log }
  - { name: of-others, on: erase, when: { source: other }, run: log }
`,
      );
      const body = [sent(4_815_162_342, 'ann.lovelace'), sent(7, 'bob'), sent(8, 'eve', 'ERASED')];
      await fillDatabase(bed.stores.databaseUrl, [JSON.stringify(body)]);
      await bed.plan([forget], [activity({ status: 'ERASED', contactId: 9 })]);
      await bed.worker([forget]);
    });
    after(async () => {
      await client.end();
      await bed.close();
    });

    it('is planned with the erasure, and until others were told its row holds the two ids that they need, and no more', async () => {
      const { code, stdout } = await run('erase', 'ann.lovelace@example.com', '--yes');
      expect(code).to.equal(0);
      expect(stdout).to.include('A second look found nothing more').and.to.include('1 follow-up of actions with "on: erase"');
      const [row] = await bed.rows();
      expect(row).to.include({ action: 'forget', contact_id: null, contact: null });
      expect(row?.activity).to.include({
        status: 'ERASED',
        contactId: 4_815_162_342,
        externalCustomerId: 'crm-ann-0001',
        email: null,
      });
      expect(await tracesOf(client, bed.stores, ['ann.lovelace'])).to.deep.equal([]);
    });

    it('is called until it succeeds, with one id for the receiver, and then nothing of the person is left anywhere', async () => {
      fails = false;
      await client.query(`update vidhuk.follow_up set next_attempt_at = now() where state = 'waiting'`);
      await bed.reach('done', 1, { timeoutMs: 60_000 });
      expect(told[0]).to.deep.include({ type: 'activity.erased', action: 'forget', contact: null, previous: null });
      expect(told[0]?.activity).to.include({
        source: 'main',
        contactId: 4_815_162_342,
        externalCustomerId: 'crm-ann-0001',
        address: null,
      });
      expect(new Set(calls.calls.map((call) => call.key)).size).to.equal(1);
      expect(await tracesOf(client, bed.stores, needles)).to.deep.equal([]);
    });

    it('is not called again for whom it was called for, nor for what the feed says', async () => {
      const count = calls.calls.length;
      await run('erase', '4815162342', '--source', 'main', '--yes');
      expect(await bed.counts()).to.deep.equal({ done: 1 }); // what the feed said was planned before
      expect(calls.calls).to.have.length(count);
    });

    it('holds nothing any more once it is cancelled, and cannot be retried then', async () => {
      fails = true;
      await run('erase', '7', '--source', 'main', '--yes');
      expect((await run('follow-ups', 'cancel', '--action', 'forget', '--yes')).code).to.equal(0);
      await bed.reachStates({ done: 1, cancelled: 1 });
      expect(await tracesOf(client, bed.stores, ['crm-bob', 'bob@'])).to.deep.equal([]);
      expect((await run('follow-ups', 'retry', '--action', 'forget', '--yes')).code).to.equal(1);
    });

    it('can be tried out, and has nothing to be replayed', async () => {
      expect((await run('actions', 'test', 'forget')).code).to.equal(0);
      const { code, stderr } = await run('actions', 'replay', 'forget', '--since', '1d');
      expect([code, stderr.includes('waits for people who are erased')]).to.deep.equal([2, true]);
    });

    it('may ask for the source only', () => {
      expect(() => actionOf({ name: 'a', on: 'erase', when: { status: 'READ' } })).to.throw('has no meaning beside "on: erase"');
    });
  });
