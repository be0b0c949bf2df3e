import { expect } from 'chai';
import { PermanentError, RefusedTogether, UnavailableError } from '../../../packages/shared/src/index.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import { esputnikRequest } from '../../../packages/worker/src/handlers/esputnik-request.js';
import type { HandlerActivity } from '../../../packages/worker/src/handlers/handler.js';
import { bound, callContext, handlerActivities, handlerActivity } from '../../support/call-context.js';
import { startEsputnikServer, type EsputnikServer } from '../../support/esputnik-server.js';
import { rejection } from '../../support/poll.js';

describe('esputnik-request', () => {
  let platform: EsputnikServer;
  const http = createGuardedHttp();
  /** Gives what was reported of single activities. */
  const run = async (params: object, activities: readonly HandlerActivity[], signal = AbortSignal.timeout(10_000)) => {
    const { apiKey, baseUrl } = platform;
    const handler = bound(
      esputnikRequest,
      { apiKey, baseUrl, allowPrivateNetwork: true, ...params },
      { grouped: activities.length > 1 },
    );
    const ctx = callContext({ http, signal });
    await handler(activities, ctx);
    return ctx.failures;
  };
  const group = () => [...(platform.state.groups.get(1) ?? [])];

  beforeEach(async () => {
    platform = await startEsputnikServer();
  });
  afterEach(() => platform.close());
  after(() => http.close());

  it('unsubscribes and resubscribes addresses, a group in one call', async () => {
    await run({ call: 'unsubscribe' }, handlerActivities(3));
    expect([...platform.state.unsubscribed]).to.deep.equal([
      'contact1@example.com',
      'contact2@example.com',
      'contact3@example.com',
    ]);
    await run({ call: 'resubscribe' }, handlerActivities(2));
    expect([...platform.state.unsubscribed]).to.deep.equal(['contact3@example.com']);
    expect(platform.requests.map(({ size }) => size)).to.deep.equal([3, 2]);
  });

  it('sets the subscriptions of each contact, also to none', async () => {
    await run({ call: 'set-subscriptions', subscriptions: ['news'] }, handlerActivities(2));
    await run({ call: 'set-subscriptions', subscriptions: [] }, handlerActivities(1));
    expect([...platform.state.subscriptions]).to.deep.equal([
      [1, []],
      [2, ['news']],
    ]);
  });

  it('generates an event that names the contact and the activity', async () => {
    const params = [
      { name: 'reason', value: '{{ activity.status | downcase }}' },
      { name: 'email', value: 'other@example.com' },
      { name: 'tags', value: '{{ activity.messageTags }}' },
    ];
    await run({ call: 'event', eventTypeKey: 'contactLost', params }, [handlerActivity()]);
    expect(platform.state.events).to.deep.equal([
      {
        eventTypeKey: 'contactLost',
        keyValue: handlerActivity().key,
        params: [
          { name: 'contactId', value: '42' },
          { name: 'externalCustomerId', value: 'crm-42' },
          { name: 'reason', value: 'unsubscribed' },
          { name: 'email', value: 'other@example.com' },
          { name: 'tags', value: ['spring', 'sale'] },
        ],
      },
    ]);
  });

  it('makes no event that the platform would not take', async () => {
    const params = [{ name: 'name', value: '{{ activity.messageName }}' }];
    const error = await rejection(
      run({ call: 'event', eventTypeKey: 'x', params }, [handlerActivity({ messageName: 'ї'.repeat(10_240) })]),
    );
    expect(error).to.be.instanceOf(PermanentError).and.to.have.property('message').that.includes('20480 at most');
    expect(platform.requests).to.have.lengthOf(0);
  });

  it('attaches and detaches in calls of 500 contacts at most, each contact once', async () => {
    const activities = [...handlerActivities(1_201), ...handlerActivities(1)];
    await run({ call: 'attach-to-group', groupId: 1 }, activities);
    expect(group()).to.have.lengthOf(1_201);
    expect(platform.requests.map(({ size }) => size)).to.deep.equal([500, 500, 202]);
    await run({ call: 'detach-from-group', groupId: 1 }, handlerActivities(1_200));
    expect(group()).to.deep.equal([1_201]);
  });

  it('never makes the call that empties a segment', async () => {
    await run({ call: 'attach-to-group', groupId: 1 }, handlerActivities(5));
    const nobody = [handlerActivity({ contactId: null, key: 'a' }), handlerActivity({ contactId: null, key: 'b' })];
    const calls = platform.requests.length;
    expect(await rejection(run({ call: 'detach-from-group', groupId: 1 }, nobody.slice(0, 1)))).to.be.instanceOf(PermanentError);
    expect((await run({ call: 'detach-from-group', groupId: 1 }, nobody)).size).to.equal(2);
    await run({ call: 'detach-from-group', groupId: 1 }, []);
    expect(platform.requests).to.have.lengthOf(calls);
    expect(group()).to.have.lengthOf(5);
    await http.request({
      method: 'POST',
      url: `${platform.baseUrl}/v1/group/1/contacts/detach`,
      headers: { authorization: `Basic ${Buffer.from(`x:${platform.apiKey}`).toString('base64')}` },
      body: '{"contactIds": []}',
      signal: AbortSignal.timeout(5_000),
      allowPrivateNetwork: true,
    });
    expect(group(), 'what that call would have done').to.have.lengthOf(0);
  });

  it('reports activities without what the call needs one by one, and does the others', async () => {
    const [first, second, third] = handlerActivities(3) as [HandlerActivity, HandlerActivity, HandlerActivity];
    const failures = await run({ call: 'unsubscribe' }, [first, { ...second, email: null }, third]);
    expect([...failures.values()].map(({ message }) => message)).to.deep.equal(['the activity has no e-mail address']);
    expect([...failures.values()][0]).to.be.instanceOf(PermanentError);
    expect(platform.state.unsubscribed.size).to.equal(2);
  });

  it('reports all of a call that was refused for one contact as refused together', async () => {
    const activities = [...handlerActivities(2), handlerActivity({ email: 'nonsense' })];
    const failures = await run({ call: 'unsubscribe' }, activities);
    expect([...failures.keys()]).to.deep.equal(activities);
    for (const error of failures.values()) expect(error).to.be.instanceOf(RefusedTogether);
    await run({ call: 'unsubscribe' }, activities.slice(0, 1));
    expect(await rejection(run({ call: 'unsubscribe' }, activities.slice(2)))).to.be.instanceOf(PermanentError);
    expect([...platform.state.unsubscribed]).to.deep.equal(['contact1@example.com']);
  });

  it('waits as long as the platform asks for', async () => {
    platform.throttle(1, '40');
    const error = await rejection(run({ call: 'unsubscribe' }, handlerActivities(2)));
    expect(error).to.be.instanceOf(UnavailableError).and.to.have.property('retryAfterMs', 40_000);
  });

  it('does not repeat what was done before the rate limit came', async () => {
    const activities = handlerActivities(4);
    const handler = bound(
      esputnikRequest,
      {
        call: 'set-subscriptions',
        subscriptions: ['a'],
        apiKey: platform.apiKey,
        baseUrl: platform.baseUrl,
        allowPrivateNetwork: true,
      },
      { grouped: true },
    );
    let calls = 0;
    const ctx = callContext({
      http: {
        request(request) {
          if (++calls === 3) platform.throttle(1);
          return http.request(request);
        },
      },
    });
    await handler(activities, ctx);
    expect([...ctx.failures.keys()]).to.deep.equal(activities.slice(2));
    expect([...ctx.failures.values()][0]).to.be.instanceOf(UnavailableError);
    expect([...platform.state.subscriptions.keys()]).to.deep.equal([1, 2]);
    expect(calls).to.equal(3);
  });

  it('keeps the rows waiting while the key is wrong, and does not show it', async () => {
    const apiKey = 'revoked-key-0987654321';
    const error = await rejection(run({ call: 'unsubscribe', apiKey }, handlerActivities(1)));
    expect(error).to.be.instanceOf(UnavailableError);
    expect(error.message).to.include('answered 401');
    expect(error.message)
      .not.to.include(apiKey)
      .and.not.to.include(Buffer.from(`vidhuk:${apiKey}`).toString('base64'));
  });

  it('gives up on a group that does not exist', async () => {
    expect(await rejection(run({ call: 'attach-to-group', groupId: 2 }, handlerActivities(1)))).to.be.instanceOf(PermanentError);
  });
});
