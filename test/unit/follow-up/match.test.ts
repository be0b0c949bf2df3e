import { expect } from 'chai';
import fc from 'fast-check';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import type { ConditionSettings } from '../../../packages/worker/src/follow-up/action-schema.js';
import { compileCondition, turned, type Flags, type Turn } from '../../../packages/worker/src/follow-up/match.js';
import { activity } from '../../support/follow-up/activities.js';

const matches = (when: ConditionSettings, changes: Partial<Activity> = {}) => compileCondition(when).matches(activity(changes));

describe('why an activity does not match', () => {
  const reasons = (when: ConditionSettings, changes: Partial<Activity> = {}) =>
    compileCondition(when).mismatches(activity(changes));

  it('is told by the name of each condition that fails', () => {
    expect(reasons({ status: ['SPAM', 'unsubscribed'], mediaType: 'email' }, { status: 'READ', mediaType: 'sms' })).to.deep.equal(
      ['when.status wants SPAM or UNSUBSCRIBED, and it has READ', 'when.mediaType wants email, and it has sms'],
    );
    expect(reasons({ broadcastId: 7 }, { broadcastId: null })).to.deep.equal(['when.broadcastId wants 7, and it has none']);
    expect(reasons({ not: { status: 'READ' } }, { status: 'READ' })).to.deep.equal([
      'when.not.status leaves out READ, and it has READ',
    ]);
  });

  it('is that it turns no flag, for an action that waits for one', () => {
    const becomes = { becomes: 'blacklisted' } as const;
    expect(reasons(becomes, { status: 'READ' }).join()).to.match(/^when\.becomes waits for a contact to become blacklisted/);
    expect(reasons(becomes, { status: 'UNDELIVERED', hardBounce: true })).to.deep.equal([]);
  });

  it('is nothing for one that matches', () => {
    expect(reasons({ status: 'READ' }, { status: 'READ' })).to.deep.equal([]);
  });
});

describe('a condition', () => {
  it('that names nothing matches everything', () => {
    expect(matches({})).to.be.true;
  });

  it('that waits for erasures takes no activity, and erasures of its source only', () => {
    const condition = compileCondition({ source: 'shop' }, 'erase');
    expect(condition.matches(activity({ source: 'shop' }))).to.equal(false);
    expect([condition.erasure?.('shop'), condition.erasure?.('main')]).to.deep.equal([true, false]);
    expect(compileCondition({}, 'erase').erasure?.('main')).to.equal(true);
    expect(compileCondition({ source: 'shop' }).erasure).to.equal(null);
  });

  const cases: [ConditionSettings, Partial<Activity>, Partial<Activity>][] = [
    [{ status: 'CLICKED' }, { status: 'CLICKED' }, { status: 'READ' }],
    [{ mediaType: 'viber' }, { mediaType: 'viber' }, { mediaType: 'sms' }],
    [{ source: 'shop' }, { source: 'shop' }, { source: 'main' }],
    [{ messageTag: 'sale' }, { messageTags: ['news', 'sale'] }, { messageTags: ['sales'] }],
    [{ broadcastId: 7 }, { broadcastId: 7 }, { broadcastId: null }],
    [{ workflowId: 7 }, { workflowId: 7 }, { workflowId: 8 }],
    [{ messageId: 7 }, { messageId: 7 }, { messageId: 8 }],
    [{ hardBounce: true }, { hardBounce: true }, { hardBounce: false }],
    [{ hardBounce: false }, { hardBounce: false }, { hardBounce: true }],
    [{ addressDomain: 'example.com' }, { address: 'a@example.com' }, { address: 'a@mail.example.com' }],
  ];
  for (const [when, matching, other] of cases) {
    const [name] = Object.keys(when) as [keyof ConditionSettings];
    it(`${JSON.stringify(when)} matches what has it, and nothing else`, () => {
      expect(matches(when, matching)).to.be.true;
      expect(matches(when, other)).to.be.false;
    });

    it(`${JSON.stringify({ not: when })} matches all but that`, () => {
      expect(matches({ not: when }, matching)).to.be.false;
      expect(matches({ not: when }, other)).to.be.true;
    });

    if (name === 'hardBounce') continue;
    it(`a list of ${name} matches any of it`, () => {
      const list = { [name]: [when[name], name.endsWith('Id') ? 99 : 'another'] } as ConditionSettings;
      expect(matches(list, matching)).to.be.true;
      expect(matches(list, other)).to.be.false;
    });
  }

  it('takes a status as the sender spells it, in either case and under its aliases', () => {
    for (const status of ['read', 'OPENED', 'Received', ' READ ']) expect(matches({ status }, { status: 'READ' })).to.be.true;
  });

  it('takes a media type as the vendor’s table spells it', () => {
    expect(matches({ mediaType: 'Web Push' }, { mediaType: 'webpush' })).to.be.true;
    expect(matches({ mediaType: 'Telegram' }, { mediaType: 'telegrambot' })).to.be.true;
  });

  it('compares domains without their case, of the address or else of the e-mail', () => {
    expect(matches({ addressDomain: 'Example.COM' }, { address: 'A@EXAMPLE.com' })).to.be.true;
    expect(matches({ addressDomain: 'example.com' }, { address: null, email: 'a@example.com' })).to.be.true;
    expect(matches({ addressDomain: 'example.com' }, { address: null, email: null })).to.be.false;
    expect(matches({ addressDomain: 'b.com' }, { address: '"x@a.com"@b.com' })).to.be.true;
  });

  it('under "not" excludes whatever has any of it', () => {
    const when: ConditionSettings = { not: { status: 'READ', mediaType: 'sms' } };
    expect(matches(when, { status: 'READ', mediaType: 'email' })).to.be.false;
    expect(matches(when, { status: 'CLICKED', mediaType: 'sms' })).to.be.false;
    expect(matches(when, { status: 'CLICKED', mediaType: 'email' })).to.be.true;
  });

  it('agrees with a plain reading of it, whatever it names', () => {
    const word = fc.constantFrom('A', 'B', 'C');
    const number = fc.constantFrom(1, 2, 3);
    const oneOrMore = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.uniqueArray(value, { minLength: 1, maxLength: 3 }));
    const plain = fc.record(
      {
        status: oneOrMore(word),
        source: oneOrMore(word),
        messageTag: oneOrMore(word),
        broadcastId: oneOrMore(number),
        workflowId: oneOrMore(number),
        messageId: oneOrMore(number),
        hardBounce: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const given = fc.record({
      status: word,
      source: word,
      messageTags: fc.uniqueArray(word),
      broadcastId: fc.option(number),
      workflowId: fc.option(number),
      messageId: fc.option(number),
      hardBounce: fc.boolean(),
    });
    const holds = (wanted: unknown, values: readonly unknown[]) =>
      wanted === undefined
        ? undefined
        : values.some((value) => (Array.isArray(wanted) ? wanted.includes(value) : wanted === value));
    fc.assert(
      fc.property(plain, fc.option(plain, { nil: undefined }), given, (when, not, changes) => {
        const verdicts = (conditions: typeof when) =>
          [
            holds(conditions.status, [changes.status]),
            holds(conditions.source, [changes.source]),
            holds(conditions.messageTag, changes.messageTags),
            holds(conditions.broadcastId, [changes.broadcastId]),
            holds(conditions.workflowId, [changes.workflowId]),
            holds(conditions.messageId, [changes.messageId]),
            holds(conditions.hardBounce, [changes.hardBounce]),
          ].filter((verdict) => verdict !== undefined);
        const expected = !verdicts(when).includes(false) && !verdicts(not ?? {}).includes(true);
        expect(matches({ ...when, ...(not === undefined ? {} : { not }) }, changes)).to.equal(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('turned', () => {
  const flags = fc.record({ blacklisted: fc.boolean(), unsubscribed: fc.boolean() });
  const turns: Turn[] = ['blacklisted', 'unsubscribed', 'reachable'];
  const isSo = (turn: Turn, { blacklisted, unsubscribed }: Flags): boolean =>
    ({ blacklisted, unsubscribed, reachable: !(blacklisted || unsubscribed) })[turn];

  it('is so exactly when it was not so before and is so after', () => {
    fc.assert(
      fc.property(fc.constantFrom(...turns), flags, flags, (turn, before, after) => {
        expect(turned(turn, before, after)).to.equal(!isSo(turn, before) && isSo(turn, after));
      }),
    );
  });

  it('takes whom nobody knew before for reachable', () => {
    expect(turned('blacklisted', undefined, { blacklisted: true, unsubscribed: false })).to.be.true;
    expect(turned('unsubscribed', undefined, { blacklisted: false, unsubscribed: true })).to.be.true;
    expect(turned('reachable', undefined, { blacklisted: false, unsubscribed: false })).to.be.false;
  });
});
