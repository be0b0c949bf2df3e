import { expect } from 'chai';
import { counts, describeBadInput, sound, type BrokenElements } from './set-up.js';

const broken: BrokenElements = {
  'no time': [JSON.stringify(sound({ activityDateTime: undefined })), 'invalid-field', 'activityDateTime: is missing'],
  'a time as number': [JSON.stringify(sound({ activityDateTime: 1_700_000_000 })), 'invalid-field', 'activityDateTime'],
  ...Object.fromEntries(
    [
      '2023-02-30T10:00:00',
      '2023-02-29T10:00:00',
      '2024-05-01T25:00:00',
      '2024-05-01T24:00:00',
      '2024-05-01T10:60:00',
      '2024-13-01T10:00:00',
      '2024-00-10T10:00:00',
      '0000-01-01T00:00:00',
      '09/14/2023',
      '09/14/2023 10:00:00',
      '14.09.2023',
      '2024-05-01',
      '2024-05-01 10:00:00',
      'yesterday',
      '',
      ' 2024-05-01T10:00:00',
      '+275760-09-13T00:00:01',
    ].map((time): [string, [string, string, string]] => [
      `the time "${time}"`,
      [JSON.stringify(sound({ activityDateTime: time })), 'bad-date', `"${time}"`],
    ]),
  ),
};

describeBadInput('dates', ({ contact, deliver, quarantines }) => {
  describe('an element that is quarantined while the rest of its batch goes on:', () => {
    quarantines(broken);
  });

  it('a time that the source’s clock skips is quarantined', async () => {
    const skipped = sound({ activityDateTime: '2024-03-31T03:30:00' });
    const outcome = await deliver(JSON.stringify([sound(), skipped]), { source: 'kyiv' });
    expect(outcome.rejections).to.have.length(1);
    expect(outcome.rejections[0]).to.include({ position: 1, reason: 'bad-date', raw: JSON.stringify(skipped) });
    expect(outcome.rejections[0]?.detail).to.include('Europe/Kyiv');
    // Elsewhere it exists.
    expect(counts(await deliver(JSON.stringify([skipped])))).to.include({ new: 1, rejected: 0 });
  });

  it('a time in the hour that the clock repeats is the first of both', async () => {
    const element = sound({ activityDateTime: '2024-10-27T03:30:00' });
    const outcome = await deliver(JSON.stringify([element]), { source: 'kyiv' });
    expect(outcome.activities[0]?.occurred_at).to.deep.equal(new Date('2024-10-27T00:30:00Z'));
    expect(counts(await deliver(JSON.stringify([element]), { source: 'kyiv' }))).to.include({ new: 0, duplicate: 1 });
  });

  it('times long ago and on 29 February are taken', async () => {
    const times = ['0101-01-01T00:00:00', '1970-01-01T00:00:00', '2024-02-29T23:59:59'];
    const outcome = await deliver(JSON.stringify(times.map((activityDateTime) => sound({ activityDateTime }))));
    expect(counts(outcome)).to.include({ new: times.length, rejected: 0 });
    expect(outcome.activities.map(({ occurred_at }) => occurred_at.toISOString().slice(0, 19))).to.deep.equal(times);
  });

  it('a time more than a day ahead is quarantined, for nothing could ever be later', async () => {
    const ahead = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19);
    const [soon, later, never] = [ahead(23), ahead(25), '9999-12-31T23:59:59'].map((activityDateTime) =>
      sound({ activityDateTime }),
    );
    const outcome = await deliver(JSON.stringify([soon, later, never]));
    expect(outcome.rejections.map(({ position, reason }) => [position, reason])).to.deep.equal([
      [1, 'bad-date'],
      [2, 'bad-date'],
    ]);
    expect(counts(outcome)).to.include({ new: 1, rejected: 2 });
  });

  it('a choice of subscriptions in 2062 ends no opt-out of today, nor does a delivery then end a block', async () => {
    const person = { contactId: 4_000_002, email: 'ahead@example.com' };
    const then = { ...person, activityDateTime: '2062-11-30T06:00:00' };
    for (const element of [
      sound({ ...then, activityStatus: 'SUBSCRIPTION_CHANGED', subscriptions: ['news'] }),
      sound({ ...then, activityStatus: 'DELIVERED' }),
      sound({ ...person, activityStatus: 'UNSUBSCRIBED' }),
      sound({ ...person, activityStatus: 'UNDELIVERED', hardBounce: true }),
    ])
      await deliver(JSON.stringify([element]));
    expect(await contact(person)).to.include({ unsubscribed: true, blacklisted: true });
  });
});
