import { expect } from 'chai';
import { compileCall } from '../../../packages/worker/src/handlers/esputnik/calls.js';
import { esputnikRequest } from '../../../packages/worker/src/handlers/esputnik-request.js';
import type { HttpClient, HttpRequest } from '../../../packages/worker/src/handlers/http-client.js';
import { bound, callContext, handlerActivities, handlerActivity, problemsOf } from '../../support/call-context.js';

const problem = (params: object): string => problemsOf(esputnikRequest, { apiKey: 'key', ...params }).join('\n');

describe('esputnik-request finds at boot', () => {
  it('nothing wrong with what is right', () => {
    for (const params of [
      { call: 'unsubscribe' },
      { call: 'resubscribe' },
      { call: 'set-subscriptions', subscriptions: [] },
      { call: 'event', eventTypeKey: 'lost' },
      {
        call: 'event',
        eventTypeKey: 'lost',
        keyValue: '{{ activity.email }}',
        params: [{ name: 'a', value: { b: '{{ type }}' } }],
      },
      { call: 'attach-to-group', groupId: 1 },
      { call: 'detach-from-group', groupId: 1 },
    ])
      expect(problem(params), JSON.stringify(params)).to.equal('');
  });

  it('an unknown call, and no key', () => {
    expect(problem({ call: 'blacklist' })).to.include('with.call');
    for (const apiKey of ['', 'key\u200b', 'key\nkey', ' key'])
      expect(problem({ call: 'unsubscribe', apiKey })).to.include('with.apiKey');
  });

  it('parameters that are missing, and such as belong to another call', () => {
    expect(problem({ call: 'detach-from-group' })).to.equal('with.groupId: "detach-from-group" needs it');
    expect(problem({ call: 'set-subscriptions' })).to.equal('with.subscriptions: "set-subscriptions" needs it');
    expect(problem({ call: 'unsubscribe', groupId: 1 })).to.equal('with.groupId: "unsubscribe" has no such parameter');
  });

  it('broken templates, keys that the platform refuses, and a base URL that is none', () => {
    expect(problem({ call: 'event', eventTypeKey: 'x', params: [{ name: 'a', value: '{{ activity.mail }}' }] })).to.include(
      'with.params.0.value',
    );
    expect(problem({ call: 'event', eventTypeKey: "it's" })).to.include('with.eventTypeKey');
    expect(problem({ call: 'unsubscribe', baseUrl: 'esputnik.com/api' })).to.include('with.baseUrl');
    expect(problem({ call: 'unsubscribe', baseUrl: 'http://127.1/api' })).to.equal(
      'with.baseUrl: 127.0.0.1 is no public address (loopback): "allowPrivateNetwork: true" allows it',
    );
    expect(problem({ call: 'unsubscribe', baseUrl: 'http://127.1/api', allowPrivateNetwork: true })).to.equal('');
  });
});

describe('esputnik-request calls', () => {
  const sent = async (params: object, activities = [handlerActivity()]): Promise<HttpRequest[]> => {
    const requests: HttpRequest[] = [];
    const http: HttpClient = {
      request(request) {
        requests.push(request);
        return Promise.resolve({ status: 200, headers: {}, body: '' });
      },
    };
    const grouped = activities.length > 1;
    await bound(esputnikRequest, { apiKey: 'key', ...params }, { grouped })(activities, callContext({ http }));
    return requests;
  };

  it('the platform as it documents its calls', async () => {
    const calls: [object, string, unknown][] = [
      [{ call: 'unsubscribe' }, 'POST v1/emails/unsubscribed/add', { emails: ['ann@example.com'] }],
      [{ call: 'resubscribe' }, 'POST v1/emails/unsubscribed/delete', { emails: ['ann@example.com'] }],
      [{ call: 'set-subscriptions', subscriptions: ['news'] }, 'PUT v1/contact/42/subscriptions', { subscriptions: ['news'] }],
      [{ call: 'attach-to-group', groupId: 7 }, 'POST v1/group/7/contacts/attach', { contactIds: [42] }],
      [{ call: 'detach-from-group', groupId: 7 }, 'POST v1/group/7/contacts/detach', { contactIds: [42] }],
    ];
    for (const [params, call, body] of calls) {
      const [request] = await sent(params);
      const { method, url } = request!;
      expect(`${method} ${url}`).to.equal(call.replace(' ', ' https://esputnik.com/api/'));
      expect(JSON.parse(request!.body!)).to.deep.equal(body);
      expect(request!.headers).to.include({ authorization: `Basic ${Buffer.from('vidhuk:key').toString('base64')}` });
      expect(request).to.include({ allowPrivateNetwork: false });
    }
    const [event] = await sent({ call: 'event', eventTypeKey: 'lost' });
    expect(`${event!.method} ${event!.url}`).to.equal('POST https://esputnik.com/api/v2/event');
  });

  it('another base URL, with a slash at its end or without', async () => {
    for (const baseUrl of ['https://yespo.example.com/api', 'https://yespo.example.com/api/'])
      expect((await sent({ call: 'unsubscribe', baseUrl }))[0]?.url).to.equal(
        'https://yespo.example.com/api/v1/emails/unsubscribed/add',
      );
  });

  it('with 500 addresses or contacts at most, and with one event or one contact’s subscriptions each', async () => {
    const sizes = async (params: object, list: string): Promise<number[]> =>
      (await sent(params, handlerActivities(1_001))).map(({ body = '' }) => {
        const { [list]: items } = JSON.parse(body) as Record<string, unknown[]>;
        return items?.length ?? 1;
      });
    expect(await sizes({ call: 'unsubscribe' }, 'emails')).to.deep.equal([500, 500, 1]);
    expect(await sizes({ call: 'detach-from-group', groupId: 1 }, 'contactIds')).to.deep.equal([500, 500, 1]);
    for (const params of [
      { call: 'event', eventTypeKey: 'lost' },
      { call: 'set-subscriptions', subscriptions: [] },
    ])
      expect(await sizes(params, 'none')).to.deep.equal(new Array(1_001).fill(1));
  });

  it('never without contacts: the platform would take that for all of them', () => {
    for (const call of ['attach-to-group', 'detach-from-group'] as const) {
      const compiled = compileCall({ call, groupId: 7 });
      if (Array.isArray(compiled)) throw new Error(compiled.join());
      expect(() => compiled.request([]), call).to.throw('without contacts');
    }
  });
});
