import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '../../../packages/shared/src/index.js';
import { askToStop, readActs } from '../../../packages/worker/src/contact/index.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { fillDatabase } from '../../support/fill-database.js';
import { until } from '../../support/poll.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { storeKinds } from '../../support/stores.js';

interface Answer {
  changed: number;
  planned: number;
  state: string;
  done: number;
  of: number;
  act: number;
}

for (const kind of storeKinds)
  describe(`Doing it again in bulk, the queue on ${kind}`, function () {
    this.timeout(120_000);
    let bed: Bed;
    let config: string;
    let fails = true;
    const calls = recorder(() => {
      if (fails) throw new PermanentError('HTTP 500: Gateway Timeout for ann@example.com');
    });
    const tell = actionOf({ name: 'tell' }, calls.handler);
    const run = (...args: string[]) =>
      runCli({ DATABASE_URL: bed.stores.databaseUrl, QUEUE_URL: bed.stores.queueUrl, VIDHUK_CONFIG: config }, ...args);
    const retry = (...args: string[]) => run('follow-ups', 'retry', '--action', 'tell', '--state', 'failed', ...args);

    before(async () => {
      bed = await Bed.open(kind);
      config = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
      await writeFile(
        config,
        `sources: { main: { tokens: [test-token-test-token] } }
actions:
  - { name: tell, when: { status: UNSUBSCRIBED }, run: log }
  - { name: lost, when: { becomes: unsubscribed }, run: log }
`,
      );
      await bed.worker([tell]);
    });
    after(() => bed.close());

    /** So many that were given up. */
    async function fail(count: number): Promise<void> {
      fails = true;
      await bed.query('delete from vidhuk.follow_up');
      const contacts = Array.from({ length: count }, (_, nth) => activity({ contactId: nth + 1, iid: `${count} ${nth}` }));
      await bed.plan([tell], contacts);
      await bed.reach('failed', count, { timeoutMs: 60_000 });
      fails = false;
      calls.calls.length = 0;
    }

    it('tells the number and some of them first, and changes nothing before somebody says yes', async () => {
      await fail(12);
      const { code, stderr } = await retry('--error', '~gateway TIMEOUT', '--since', '1d');
      expect(code).to.equal(1);
      expect(stderr.match(/tell +failed/g)).to.have.length(5);
      expect(stderr).to.include('… and 7 more rows').and.to.include('12 follow-ups match; say --yes to retry them');
      expect(await bed.counts()).to.deep.equal({ failed: 12 });
    });

    it('finds rows by their error, their time and their contact', async () => {
      for (const [args, count] of [
        [['--error', '~no such text'], 0],
        [['--error', 'HTTP 500: Gateway Timeout for ann@example.com'], 12],
        [['--error', 'HTTP 500'], 0],
        [['--since', '2999-01-01'], 0],
        [['--contact', '3'], 1],
        [['--since', '1h', '--contact', '3', '--error', '~http'], 1],
      ] as const) {
        const { stderr } = await retry(...args);
        expect(stderr, args.join(' ')).to.include(count === 0 ? 'No follow-ups match.' : `${count} follow-up`);
      }
    });

    it('retries each of them once, and shows it to everybody without personal data', async () => {
      const result = (await retry('--error', '~timeout', '--rate', '1000/s', '--yes', '--json')).json() as Answer;
      expect(result).to.include({ changed: 12, state: 'done', done: 12, of: 12 });
      await bed.reach('done', 12);
      expect(calls.calls).to.have.length(12);
      const [act] = await readActs(bed.dataSource, 1);
      expect(act).to.include({ id: result.act, command: 'follow-ups retry' });
      expect(act?.detail).to.deep.include({
        action: 'tell',
        state: 'done',
        of: 12,
        done: 12,
        changed: 12,
        rate: 1000,
        error: 'some',
      });
      expect(JSON.stringify(act)).not.to.match(/timeout|ann@/i);
      expect((await run('acts')).stdout).to.match(/follow-ups retry +done +12 of 12/);
    });

    it('is stopped by anybody at its next step, at the rate it was told; the same command then does the rest', async () => {
      await fail(24);
      const started = performance.now();
      const going = retry('--rate', '8', '--yes', '--json');
      const id = await until('it goes on', async () => {
        const [act] = await readActs(bed.dataSource, 1);
        return act?.detail.state === 'running' && Number(act.detail.done) >= 4 ? act.id : undefined;
      });
      expect(await askToStop(bed.dataSource, id)).to.equal(true);
      const { code, json } = await going;
      const stopped = json() as Answer;
      expect([code, stopped.state]).to.deep.equal([1, 'stopped']);
      expect(stopped.done).to.be.lessThan(24).and.to.equal(stopped.changed);
      expect(stopped.changed).to.be.at.most(8 * ((performance.now() - started) / 1_000) + 4);
      expect(await askToStop(bed.dataSource, id)).to.equal(false);
      expect((await run('acts', 'stop', String(id))).code).to.equal(1);
      const rest = (await retry('--yes', '--json')).json() as Answer;
      expect(rest).to.include({ changed: 24 - stopped.changed, state: 'done' });
      await bed.reach('done', 24);
      expect(calls.calls).to.have.length(24);
    });

    it('cancels likewise', async () => {
      await fail(6);
      const result = await run('follow-ups', 'cancel', '--state', 'failed', '--error', '~timeout', '--yes', '--json');
      expect(result.json()).to.include({ changed: 6, state: 'done' });
      expect(await bed.counts()).to.deep.equal({ cancelled: 6 });
    });

    describe('actions replay', () => {
      const now = Date.now();
      const at = (secondsAgo: number) => new Date(now - secondsAgo * 1_000).toISOString().slice(0, 19);
      const left = (contactId: number, more: object = {}) => ({
        ...{
          activityDateTime: at(600 - contactId),
          activityStatus: 'UNSUBSCRIBED',
          mediaType: 'email',
          contactId,
          iid: `left-${contactId}`,
        },
        ...{ email: `${contactId}@example.com` },
        ...more,
      });
      const replay = (...args: string[]) => run('actions', 'replay', 'tell', '--since', '1d', ...args);

      before(async () => {
        await bed.query('delete from vidhuk.follow_up');
        const bodies = [
          [1, 2, 3].map((id) => left(id)),
          [4, 5].map((id) => left(id)),
          [left(5, { iid: 'again', activityDateTime: at(1) })],
        ];
        await fillDatabase(
          bed.stores.databaseUrl,
          bodies.map((body) => JSON.stringify(body)),
        );
        fails = false;
        calls.calls.length = 0;
      });

      it('tells how many and some of them, and plans nothing before somebody says yes', async () => {
        const { code, stderr } = await replay();
        expect([code, stderr.includes('6 follow-ups would be'), /UNSUBSCRIBED +1 +1@example.com/.test(stderr)]).to.deep.equal([
          1,
          true,
          true,
        ]);
        expect(await bed.counts()).to.deep.equal({});
      });

      it('plans what never ran, each once, and calls it', async () => {
        expect((await replay('--yes', '--json')).json()).to.include({ planned: 6, known: 0, state: 'done' });
        await bed.reach('done', 6, { action: 'tell' });
        expect(calls.calls).to.have.length(6);
        const second = await replay('--yes');
        expect([second.code, second.stderr]).to.deep.equal([1, 'Nothing to replay: tell has a row for all 6 matches.\n']);
      });

      it('leaves out what has a row in any state, and adds what has none', async () => {
        await bed.query(`delete from vidhuk.follow_up where action = 'tell' and contact_id = 2`);
        await bed.query(`update vidhuk.follow_up set state = 'cancelled' where action = 'tell' and contact_id = 3`);
        expect((await replay('--yes', '--json')).json()).to.include({ planned: 1, known: 5 });
        await bed.reachStates({ done: 5, cancelled: 1 }, { action: 'tell' });
      });

      it('with --again calls all of it under new keys, and asks twice', async () => {
        const before = new Set((await bed.rows('tell')).map(({ id }) => id));
        const once = await replay('--again', '--yes');
        expect([once.code, once.stderr.includes('--yes-again')]).to.deep.equal([1, true]);
        calls.calls.length = 0;
        expect((await replay('--again', '--yes', '--yes-again', '--json')).json()).to.include({ planned: 6, state: 'done' });
        await bed.reachStates({ done: 11, cancelled: 1 }, { action: 'tell' });
        expect(calls.calls).to.have.length(6);
        expect((await bed.rows('tell')).filter(({ id }) => !before.has(id))).to.have.length(6);
      });

      it('of an action with becomes, plans one for each time that a flag turned', async () => {
        const lost = await run('actions', 'replay', 'lost', '--since', '1d', '--yes', '--json');
        expect(lost.json()).to.include({ planned: 5 });
        expect((await run('actions', 'replay', 'lost', '--since', '1d', '--yes')).code).to.equal(1);
      });

      it('refuses what is older than the ledger remembers', async () => {
        const { code, stderr } = await run('actions', 'replay', 'tell', '--since', '91d', '--yes');
        expect([code, stderr.includes('retention.followUps')]).to.deep.equal([2, true]);
      });
    });
  });
