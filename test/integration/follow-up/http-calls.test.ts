import { expect } from 'chai';
import { changeFollowUps } from '../../../packages/worker/src/follow-up/sql/change-follow-ups.js';
import { httpRequest } from '../../../packages/worker/src/handlers/http-request.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity, noon } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { captureLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { verifyWebhook } from '../../support/verify-webhook.js';

const secrets = ['the new signing secret', 'the old signing secret'];
const hidden = [...secrets, 'header-secret-1', 'query-secret-1'];

/** What the handler does with the queue between it and its rows is the same for every store. */
describe('http-request, from the ledger to the receiver', () => {
  let bed: Bed;
  let receiver: Receiver;
  beforeEach(async () => {
    bed = await Bed.open('redis');
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await bed.close();
    await receiver.close();
  });
  const hook = (settings: Record<string, unknown>, params: Record<string, unknown> = {}) => {
    const url = `${receiver.url}/hook?key=query-secret-1`;
    const retry = { attempts: 5, maxDelay: 20 };
    return actionOf(
      { run: 'http-request', retry, with: { url, allowPrivateNetwork: true, ...params }, ...settings },
      httpRequest,
    );
  };

  for (const [what, params, group] of [
    ['its default body', {}, undefined],
    [
      'a body of templates over all that there is',
      {
        body: {
          kind: '{{ type }} for {{ action }}',
          status: '{{ activity.status }}',
          now: '{{ contact.unsubscribed }}',
          before: '{{ previous.unsubscribed }}',
          all: '{{ contact }}',
        },
      },
      undefined,
    ],
    ['the default body of a group', {}, { max: 5, withinMs: 0 }],
  ] as const) {
    it(`sends ${what} in the same bytes under the same id on every attempt, though worker and contact change in between`, async () => {
      const action = hook({ when: { becomes: 'unsubscribed' }, ...(group && { group }) }, { ...params, secret: secrets });
      const opens = [activity({ status: 'READ', messageName: 'Ї "q" \\ \u2028', occurredAt: noon })];
      await bed.plan([action], opens);
      await bed.plan([action], [activity({ status: 'UNSUBSCRIBED', occurredAt: noon + 1_000 })]);
      receiver.reply(503);
      const first = await bed.worker([action]);
      await until('it has failed', async () => (await bed.rows())[0]?.attempts === 1);
      await first.followUps.stop();
      await bed.plan([action], [activity({ status: 'SPAM', email: 'bob@example.com', occurredAt: noon + 2_000 })]);
      await bed.query('update vidhuk.follow_up set next_attempt_at = now()');
      await bed.worker([action]);
      const [row] = await bed.reach('done', 1);

      const [one, two] = receiver.calls;
      expect(two!.body).to.equal(one!.body);
      for (const { headers } of receiver.calls) expect(headers['webhook-id']).to.equal(group ? row!.call_id : row!.id);
      expect(receiver.calls).to.have.lengthOf(2);
      for (const call of receiver.calls) for (const secret of secrets) verifyWebhook(secret, call);
      const body = JSON.parse(one!.body) as Record<string, unknown>;
      if (!('body' in params)) {
        const [item] = group ? (body.activities as (typeof body)[]) : [body];
        expect(item).to.have.nested.property('previous.unsubscribed', false);
        expect(item).to.have.nested.property('contact.unsubscribed', true);
        expect(item).to.have.nested.property('contact.email', 'ann@example.com');
        return;
      }
      const { all, ...rest } = body;
      expect(rest).to.deep.equal({ kind: 'activity.unsubscribed for act', status: 'UNSUBSCRIBED', now: true, before: false });
      expect(all).to.include({ email: 'ann@example.com', unsubscribed: true });
    });
  }

  it('keeps of a long answer a short piece in the ledger, and no secret that the receiver quotes', async () => {
    const captured = captureLog();
    const action = hook({}, { headers: { 'X-Key': 'header-secret-1' }, secret: secrets });
    receiver.reply({ status: 400, body: `${hidden.join(' ')} ${'x'.repeat(200_000)}` }, 410);
    const { plan } = await bed.worker([action], { log: captured.log });
    await plan([action], [activity()]);
    const [row] = await bed.reach('failed', 1);
    expect(row!.last_error).to.match(/answered 400: \*\*\* .*x{9}/);
    expect(row!.last_error!.length).to.be.lessThan(400);
    await changeFollowUps(bed.dataSource, { action: 'act' }, 'retry');
    await until('it is disabled', async () => {
      return (await bed.query('select from vidhuk.action_state where disabled_at is not null')).length === 1;
    });
    const ledger = await bed.query('select f::text as rows, s::text as states from vidhuk.follow_up f, vidhuk.action_state s');
    const told = JSON.stringify(ledger) + captured.text();
    expect(told).to.include('answered 410').and.to.include('follow-up not done');
    for (const secret of hidden) expect(told).not.to.include(secret);
  });

  it('ends a call at its time though the answer goes on and on', async () => {
    const action = hook({ timeoutMs: 200, retry: { attempts: 1 } });
    receiver.reply((response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const { plan } = await bed.worker([action]);
    await plan([action], [activity()]);
    const [row] = await bed.reach('failed', 1, { timeoutMs: 3_000 });
    expect(row!.last_error).to.include('no answer within 200 ms');
  });

  it('follows no redirect, and reaches nothing inside of the network behind a name, however often it tries', async () => {
    const { port, url } = receiver;
    const actions = [
      hook({ name: 'redirected', when: { status: 'READ' } }),
      hook({ name: 'inward', when: { status: 'CLICKED' } }, { url: `http://localhost:${port}/`, allowPrivateNetwork: false }),
    ];
    receiver.reply(...Array.from({ length: 5 }, () => ({ status: 307, headers: { location: `${url}/elsewhere` } })));
    const { plan } = await bed.worker(actions);
    await plan(actions, [activity({ status: 'READ' }), activity({ status: 'CLICKED' })]);
    const rows = await bed.reach('failed', 2);
    expect(rows.find(({ action }) => action === 'redirected')?.last_error).to.include('answered 307');
    expect(rows.find(({ action }) => action === 'inward')?.last_error).to.match(/localhost \(.*\) is no public address/);
    expect(rows.map(({ attempts }) => attempts)).to.deep.equal([5, 5]);
    expect(new Set(receiver.calls.map(({ path }) => path))).to.deep.equal(new Set(['/hook?key=query-secret-1']));
  });
});
