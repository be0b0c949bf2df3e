import { expect } from 'chai';
import { compileActions } from '../../../packages/worker/src/follow-up/action.js';
import { compileCondition } from '../../../packages/worker/src/follow-up/match.js';
import type { ConditionSettings } from '../../../packages/worker/src/follow-up/action-schema.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { createRegistry } from '../../../packages/worker/src/handlers/registry.js';
import { activity } from '../../support/follow-up/activities.js';
import { requestOf, type GivenRequest } from '../../support/workflow-request.js';

const { registry } = createRegistry(builtInHandlers);
const problemsOf = (when: object, more: object = {}): string[] =>
  compileActions([{ name: 'a', when, run: 'log', ...more }], registry).problems;
const conditionOf = (when: ConditionSettings) => compileCondition({ workflow: 'order-paid', ...when });
const matches = async (when: ConditionSettings, given: GivenRequest = {}) =>
  conditionOf(when).request?.matches(await requestOf(given)) ?? false;

describe('A condition with "workflow"', () => {
  it('takes requests of its hooks and of its source, and no activity', async () => {
    expect(await matches({})).to.equal(true);
    expect(await matches({}, { hook: 'other' })).to.equal(false);
    expect(await matches({ workflow: ['other', 'order-paid'] })).to.equal(true);
    expect(await matches({ source: ['main', 'shop'] })).to.equal(true);
    expect(await matches({ source: 'shop' })).to.equal(false);
    expect(conditionOf({}).matches(activity())).to.equal(false);
    expect(conditionOf({}).mismatches(activity())).to.deep.equal([
      'when.workflow waits for requests of the workflow block, and this is an activity',
    ]);
  });

  it('takes no request where it is not named', () => {
    expect(compileCondition({}).request).to.equal(null);
  });

  const body = {
    status: 'paid',
    total: '100',
    count: 2,
    ok: true,
    empty: '',
    coupon: "$data.get('coupon')",
    lines: [{ sku: 'A' }, { sku: 'B' }],
  };
  for (const [what, condition, wanted] of [
    ['a value', { status: 'paid' }, true],
    ['another value', { status: 'new' }, false],
    ['a value, as equals', { '$.status': { equals: 'paid' } }, true],
    ['a number for a text of digits, and the other way round', { total: 100, count: '2', ok: 'true' }, true],
    ['one of several', { '$.status': ['new', 'paid'] }, true],
    ['one of several, as in', { '$.status': { in: ['new', 'old'] } }, false],
    ['any of what a path finds', { '$.lines[*].sku': 'B' }, true],
    ['what a filter finds', { "$.lines[?@.sku == 'C']": { exists: true } }, false],
    ['that something is there', { total: { exists: true }, empty: { exists: true } }, true],
    ['that nothing is there', { '$.nothing': { exists: false } }, true],
    ['that nothing is there, where something is', { status: { exists: false } }, false],
    ['a variable that the platform left as it was: it is not there', { coupon: { exists: false } }, true],
    ['all of them', { status: 'paid', total: 99 }, false],
    ['no text of an object', { lines: '[object Object]' }, false],
  ] as const)
    it(`asks the body for ${what}`, async () => {
      expect(
        await matches({ body: structuredClone(condition) as unknown as ConditionSettings['body'] & object }, { body }),
      ).to.equal(wanted);
    });

  it('finds the fields of a form, and nothing in other texts', async () => {
    const form = { body: 'status=paid&x=1&x=2', contentType: 'application/x-www-form-urlencoded' };
    expect(await matches({ body: { status: 'paid', '$.x[1]': 2 } }, form)).to.equal(true);
    expect(await matches({ body: { status: { exists: false } } }, { body: '<status>paid</status>' })).to.equal(true);
    expect(await matches({ body: { status: 'paid' } }, { body: 'status=paid', contentType: 'text/plain' })).to.equal(false);
  });

  it('never throws, whatever the body', async () => {
    for (const given of [
      '',
      '"paid"',
      '7',
      'null',
      '[]',
      '['.repeat(100_000),
      `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
      '{"__proto__":{"status":"paid"}}',
    ])
      expect(await matches({ body: { status: 'paid', '$..a': 'x' } }, { body: given }), given.slice(0, 40)).to.equal(false);
  });

  it('says why a request does not match', async () => {
    const { request } = conditionOf({
      source: 'shop',
      body: { status: ['paid', 'sent'], x: { exists: true }, old: { exists: false } },
    });
    expect(request?.mismatches(await requestOf({ hook: 'other', body: { status: 'new', old: 1 } }))).to.deep.equal([
      'when.workflow wants order-paid, and it is for other',
      'when.source wants shop, and it has main',
      'when.body wants "paid" or "sent" at status, and it has "new"',
      'when.body wants something at x, and it has nothing',
      'when.body wants nothing at old, and it has 1',
    ]);
  });

  it('has no other conditions beside it, and no body without it: that is a mistake, with a sentence', () => {
    for (const foreign of [
      { status: 'READ' },
      { becomes: 'blacklisted' },
      { hardBounce: true },
      { maxAge: '2d' },
      { not: { status: 'READ' } },
      { mediaType: 'email' },
    ])
      expect(problemsOf({ workflow: 'order-paid', ...foreign })).to.deep.equal([
        `actions[0] (a).when.${Object.keys(foreign)[0]}: has no meaning beside "workflow": of a request, only "source" and "body" can be asked`,
      ]);
    expect(problemsOf({ body: { a: 1 } })).to.deep.equal([
      'actions[0] (a).when.body: has a meaning only beside "workflow": activities have no body',
    ]);
  });

  it('is refused where a path is none, or what it asks for', () => {
    const [problem = ''] = problemsOf({ workflow: 'order-paid', body: { '$.a[': 1 } });
    expect(problem).to.match(/^actions\[0\] \(a\)\.when\.body: "\$\.a\[" is no JSON path \(RFC 9535\): /);
    expect(problemsOf({ workflow: 'order-paid', body: { a: { equal: 1 } } })).to.deep.equal([
      'actions[0].when.body.a: must be a value, a list of values, {equals: value}, {in: [values]} or {exists: true or false}',
    ]);
  });
});

describe('Templates of an action with "workflow"', () => {
  const problems = (params: object, more: object = {}) =>
    problemsOf(
      { workflow: 'order-paid' },
      { run: 'http-request', with: { url: 'https://crm.example.com/', ...params }, ...more },
    );

  it('see "request" and "contact", and whatever the body holds', () => {
    expect(
      problems({ body: { id: '{{ request.body.orderId }}', who: '{{ request.email }}', is: '{{ contact.blacklisted }}' } }),
    ).to.deep.equal([]);
    expect(problems({ body: '{"id": {{ request.body.order.id | json }}, "who": "{{ request.body.name }}"}' })).to.deep.equal([]);
    expect(
      problems({ url: 'https://crm.example.com/{{ request.body.orderId }}?run={{ request.workflowInstanceId }}' }),
    ).to.deep.equal([]);
    expect(
      problems(
        { body: '{% for each in requests %}{{ each.request.hook }}{% endfor %}', headers: { 'content-type': 'text/plain' } },
        { group: { max: 5 } },
      ),
    ).to.deep.equal([]);
  });

  it('are refused where they name what a request does not have', () => {
    expect(problems({ body: { a: '{{ activity.status }}' } })).to.deep.equal([
      'actions[0] (a).with.body.a: there is no "activity": an action with "workflow" gets a request, see "request"',
    ]);
    expect(problems({ body: { a: '{{ request.mail }}' } })).to.deep.equal([
      'actions[0] (a).with.body.a: there is no "request.mail": did you mean "request.email"?',
    ]);
    expect(problems({ body: '{"a": {{ request.email }} }' })[0]).to.match(/gives no valid JSON/);
    expect(problems({ body: { a: '{{ request.email }}' } }, { group: { max: 5 } })).to.deep.equal([
      'actions[0] (a).with.body.a: "request" is one request\'s, and with "group" there are several: {% for each in requests %}{{ each.request }}{% endfor %}',
    ]);
  });

  it('of an event name the request by default', () => {
    const event = {
      run: 'esputnik-request',
      with: { call: 'event', apiKey: 'k', eventTypeKey: 'paid', params: [{ name: 'id', value: '{{ request.body.orderId }}' }] },
    };
    expect(problemsOf({ workflow: 'order-paid' }, event)).to.deep.equal([]);
  });
});
