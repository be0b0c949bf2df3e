import { expect } from 'chai';
import { compileActions } from '../../../packages/worker/src/follow-up/action.js';
import { handlerOf } from '../../support/follow-up/actions.js';

const handlers = new Map([
  ['test', handlerOf(() => undefined)],
  ['single', handlerOf(() => undefined, { name: 'single', group: false })],
]);
const compile = (...list: unknown[]) => compileActions(list, handlers);
const problemsOf = (...list: unknown[]) => compile(...list).problems;
const good = { name: 'good', when: {}, run: 'test' };

describe('compiling actions', () => {
  it('fills in what is left out', () => {
    const { actions, problems } = compile(good);
    expect(problems).to.deep.equal([]);
    expect(actions[0]).to.deep.include({
      name: 'good',
      timeoutMs: 15_000,
      concurrency: 10,
      rateLimit: null,
      group: null,
      maxPerContact: null,
      enabled: true,
      dryRun: false,
    });
    expect(actions[0]?.retry).to.deep.equal({ attempts: 30, maxDelayMs: 21_600_000 });
  });

  it('reads durations in retry', () => {
    const { actions } = compile({ ...good, retry: { attempts: 3, maxDelay: '2d' } });
    expect(actions[0]?.retry).to.deep.equal({ attempts: 3, maxDelayMs: 172_800_000 });
  });

  it('leaves the list that it was given alone', () => {
    const entry = { ...good, group: { max: 5 } };
    compile(entry);
    expect(entry).to.deep.equal({ ...good, group: { max: 5 } });
  });

  it('tells every problem of every action at once, each with its path', () => {
    const problems = problemsOf(
      { name: 'one', when: { statuss: 'READ' }, run: 'tset', timeoutMs: 0 },
      { ...good, with: { note: 5, extra: true } },
      { name: 'Bad Name', when: {}, run: 'test' },
      { when: { becomes: 'blocked' }, run: 'test', concurrency: 'many' },
    );
    const places = [
      'actions[0].when: unknown setting "statuss": did you mean "status"?',
      'actions[0].timeoutMs: must be >= 1',
      'actions[0] (one).run: there is no handler "tset": did you mean "test"?',
      'actions[1] (good).with.note: must be string',
      'actions[1] (good).with: unknown parameter "extra": ',
      'actions[2].name: must match pattern',
      "actions[3]: must have required property 'name'",
      'actions[3].concurrency: must be integer',
      'actions[3].when.becomes: must be one of blacklisted, unsubscribed, reachable',
    ];
    for (const place of places)
      expect(
        problems.filter((problem) => problem.startsWith(place)),
        place,
      ).to.have.lengthOf(1);
    expect(problems).to.have.lengthOf(places.length);
  });

  it('says what a value may be where there are several ways to write it', () => {
    expect(problemsOf({ ...good, when: { status: 5 } })).to.deep.equal([
      'actions[0].when.status: must be a text or a list of texts',
    ]);
    expect(problemsOf({ ...good, when: { status: [] } })).to.deep.equal([
      'actions[0].when.status: must be a text or a list of texts',
    ]);
    expect(problemsOf({ ...good, when: { messageId: 'x' } })).to.deep.equal([
      'actions[0].when.messageId: must be a whole number or a list of whole numbers',
    ]);
    expect(problemsOf({ ...good, retry: { maxDelay: '6 hours' } })).to.deep.equal([
      'actions[0].retry.maxDelay: must be a duration such as 500ms, 30s, 5m, 6h, 2d, or ms as a number',
    ]);
  });

  for (const [place, settings] of [
    ['retry.attempts', { retry: { attempts: 2 ** 31 } }],
    ['retry.maxDelay', { retry: { maxDelay: 2 ** 40 } }],
    ['retry.maxDelay', { retry: { maxDelay: '31d' } }],
    ['rateLimit.max', { rateLimit: { max: 1e300, perMs: 1 } }],
    ['rateLimit.perMs', { rateLimit: { max: 1, perMs: 2 ** 31 } }],
    ['group.max', { group: { max: 2 ** 31 } }],
    ['group.withinMs', { group: { max: 1, withinMs: 2 ** 31 } }],
    ['maxPerContact.count', { maxPerContact: { count: 2 ** 31, perMs: 1 } }],
    ['maxPerContact.perMs', { maxPerContact: { count: 1, perMs: 2 ** 53 } }],
    ['concurrency', { concurrency: 2 ** 31 }],
    ['timeoutMs', { timeoutMs: 2 ** 31 }],
  ] as const) {
    it(`refuses ${JSON.stringify(settings)}: no timer and no column of the database holds it`, () => {
      const problems = problemsOf({ ...good, ...settings });
      expect(problems).to.have.lengthOf(1);
      expect(problems[0]).to.match(new RegExp(`^actions\\[0\\].*\\.${place}: must be (<=|at most) `));
    });
  }

  it('refuses an entry that is no action at all', () => {
    for (const entry of ['tell-crm', null, 5, []]) expect(problemsOf(entry)).to.have.lengthOf(1);
  });

  it('tells a misspelt status, also in a list and under "not"', () => {
    expect(problemsOf({ ...good, when: { status: 'UNSUBSCRIBE' } })).to.deep.equal([
      'actions[0] (good).when.status: "UNSUBSCRIBE" is not a status that the platform sends: did you mean "UNSUBSCRIBED"?',
    ]);
    expect(problemsOf({ ...good, when: { status: ['READ', 'clikced'] } })).to.have.lengthOf(1);
    expect(problemsOf({ ...good, when: { not: { status: 'SAPM' } } })).to.deep.equal([
      'actions[0] (good).when.not.status: "SAPM" is not a status that the platform sends: did you mean "SPAM"?',
    ]);
  });

  it('lets a status pass that may be one of the sender’s new ones', () => {
    expect(problemsOf({ ...good, when: { status: ['FORWARDED', 'opened', 'SENT'] } })).to.deep.equal([]);
  });

  it('names the handlers that there are', () => {
    expect(problemsOf({ ...good, run: 'something-else' })).to.deep.equal([
      'actions[0] (good).run: there is no handler "something-else": there are test, single',
    ]);
  });

  it('refuses groups for a handler that takes one activity at a time', () => {
    expect(problemsOf({ ...good, run: 'single', group: { max: 10 } })).to.deep.equal([
      'actions[0] (good).group: the handler "single" takes one activity at a time',
    ]);
  });

  it('refuses "channel" without "becomes"', () => {
    expect(problemsOf({ ...good, when: { channel: true } })).to.have.lengthOf(1);
    expect(problemsOf({ ...good, when: { becomes: 'reachable', channel: true } })).to.deep.equal([]);
  });

  it('refuses a second action of one name, also when the first one has problems of its own', () => {
    expect(problemsOf(good, good)).to.deep.equal(['actions[1]: there is another action named "good"']);
    const problems = problemsOf({ ...good, run: 'none' }, good, { ...good, timeoutMs: -1 });
    expect(problems.filter((problem) => problem.includes('there is another action named "good"'))).to.have.lengthOf(2);
  });

  it('gives the sound actions beside the problems of the others', () => {
    const { actions } = compile({ ...good, run: 'none', name: 'broken' }, good);
    expect(actions.map(({ name }) => name)).to.deep.equal(['good']);
  });
});
