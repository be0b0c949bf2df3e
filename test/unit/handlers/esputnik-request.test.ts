import { expect } from 'chai';
import { esputnikRequest } from '../../../packages/worker/src/handlers/esputnik-request.js';
import { problemsOf } from '../../support/call-context.js';

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
    expect(problem({ call: 'unsubscribe', apiKey: '' })).to.include('with.apiKey');
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
  });
});
