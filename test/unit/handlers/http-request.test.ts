import { expect } from 'chai';
import { httpRequest } from '../../../packages/worker/src/handlers/http-request.js';
import { problemsOf } from '../../support/call-context.js';

const url = 'https://crm.example.com/hooks';
const problem = (params: object, grouped = false): string => problemsOf(httpRequest, { url, ...params }, { grouped }).join('\n');

describe('http-request finds at boot', () => {
  it('nothing wrong with what is right', () => {
    expect(problem({})).to.equal('');
    expect(
      problem({ url: 'https://{{ contact.crm_host }}/x', secret: ['a', 'b'], headers: { 'X-Id': '{{ activity.contactId }}' } }),
    ).to.equal('');
    expect(problem({ body: { a: ['{{ activity.email | default: "none" }}', { b: '{{ contact.anything.at.all }}' }] } })).to.equal(
      '',
    );
    expect(problem({ body: '{"email": {{ activity.email | json }}}' })).to.equal('');
    expect(
      problem(
        { body: '{% for each in activities %}{{ each.activity.email }}{% endfor %}', headers: { 'content-type': 'text/plain' } },
        true,
      ),
    ).to.equal('');
  });

  it('unknown and wrong parameters', () => {
    expect(problem({ urll: url })).to.include('urll');
    expect(problem({ method: 'FETCH' })).to.include('with.method');
    expect(problem({ secret: ['a', 'b', 'c'] })).to.include('with.secret');
    expect(problem({ method: 'GET', body: 'x' })).to.include('with.body: a GET request has none');
  });

  it('secrets that cannot sign', () => {
    expect(problem({ secret: 'whsec_not base64!' }))
      .to.include('with.secret: has to be base64')
      .and.not.to.include('not base64!');
    expect(problem({ secret: 'whsec_' })).to.include('with.secret');
    expect(problem({ secret: ' ' })).to.include('with.secret: is empty');
  });

  it('URLs that are never called', () => {
    expect(problem({ url: 'crm.example.com' })).to.include('with.url');
    expect(problem({ url: 'ftp://crm.example.com/{{ activity.key }}' })).to.include('only http: and https:');
    expect(problem({ url: 'https://user:pass-1@crm.example.com/' }))
      .to.include('credentials')
      .and.not.to.include('pass-1');
    expect(problem({ url: 'http://127.1/' })).to.include('allowPrivateNetwork');
    expect(problem({ url: 'http://[::1]/', allowPrivateNetwork: true })).to.equal('');
  });

  it('headers that are ours, that do not exist, or cannot be sent', () => {
    expect(problem({ headers: { Host: 'x' } })).to.include('with.headers.host');
    expect(problem({ headers: { 'Webhook-Id': 'x' } })).to.include('with.headers.webhook-id');
    expect(problem({ headers: { 'a b': 'x' } })).to.include('not a name');
    for (const value of ['Ївга', 'a\nb'])
      expect(problem({ headers: { 'x-by': value } })).to.equal('with.headers.x-by: a header carries printable ASCII only');
    expect(problem({ headers: { 'x-by': '{{ activity.statusDescription }}' } }), 'it depends on the activity').to.equal('');
  });

  it('templates that are broken', () => {
    expect(problem({ body: '{{ activity.email ' })).to.include('with.body');
    expect(problem({ body: { deep: [{ er: '{% if %}' }] } })).to.include('with.body.deep.0.er');
    expect(problem({ url: `${url}/{{ activity.email | shout }}` })).to.include('with.url: undefined filter: shout');
    expect(problem({ headers: { 'x-y': '{{ activity.email | shout }}' } })).to.include('with.headers.x-y: undefined filter');
  });

  it('misspelt names, with what was meant', () => {
    expect(problem({ body: ['{{ activity.contactID }}'] })).to.include('did you mean "activity.contactId"?');
    expect(problem({ body: ['{{ aktivity.email }}'] })).to.include('did you mean "activity"?');
    expect(problem({ body: ['{{ whatever }}'] })).to.include('known here: type, action, activity, contact, previous');
    for (const name of ['constructor', 'toString', '__proto__', 'activity.constructor', 'activity.__proto__'])
      expect(problem({ body: [`{{ ${name} }}`] }), name).to.include(`there is no "${name}"`);
  });

  it("one activity's names in a template that gets a group", () => {
    expect(problem({ url: `${url}/{{ activity.contactId }}` }, true)).to.include('{% for each in activities %}');
  });

  it('templates that would read files, or differ from attempt to attempt', () => {
    for (const tag of ['include', 'render', 'layout'])
      expect(problem({ body: [`{% ${tag} '/etc/passwd' %}`] }), tag).to.include('not found');
    expect(problem({ body: ["{{ 'now' | date: '%s' }}"] })).to.include('would change the bytes');
    expect(problem({ body: ["{{ 'today' | date_to_xmlschema }}"] })).to.include('would change the bytes');
    expect(problem({ body: ['{{ activity.messageTags | sample }}'] })).to.include('undefined filter: sample');
  });

  it('text that is JSON only as long as no value has a quote in it, with the name and the value', () => {
    expect(problem({ body: '{"name": "{{ activity.messageName }}"}' }), 'values are escaped').to.equal('');
    expect(problem({ body: '{"name": "{{ activity.messageName | raw }}"}' }))
      .to.include('with.body: gives no valid JSON when activity.messageName is "the sample \\"\\\\\\n"')
      .and.to.include('{{ activity.messageName | json }}');
    expect(problem({ body: '{"reason": "{{ contact.blacklist_reason | raw }}"}' })).to.include(
      'when contact.blacklist_reason is',
    );
    expect(problem({ body: '{"email": "{{ previous.email | raw }}"}' })).to.include('when previous.email is');
    const text = { 'Content-Type': 'text/plain' };
    expect(problem({ body: '{"name": "{{ activity.messageName | raw }}"}', headers: text })).to.equal('');
  });

  it('text that is no JSON where a value may be missing', () => {
    expect(problem({ body: '{"id": {{ activity.contactId }}}' })).to.include(
      'when activity.contactId is null: write {{ activity.contactId | json }}',
    );
    expect(problem({ body: '{"id": {{ activity.contactId | json }}, "at": "{{ contact.last_opened_at }}"}' })).to.equal('');
    expect(problem({ body: '{"id": 1,}' })).to.include('with.body: gives no valid JSON (');
  });

  it('templates without end', () => {
    expect(problem({ body: ['{% for a in (1..900000000) %}{{ a }}{% endfor %}'] })).to.include('with.body.0');
  });
});
