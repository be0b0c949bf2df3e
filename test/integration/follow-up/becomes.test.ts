import { expect } from 'chai';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity, bounce, noon } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';

const minute = 60_000;
const at = (minutes: number) => ({ occurredAt: noon + minutes * minute });
const sms = { mediaType: 'sms', address: '380501112233', phone: '380501112233' };
const optOut = (changes: Partial<Activity> = {}) => activity({ status: 'UNSUBSCRIBED', ...changes });
const optIn = (changes: Partial<Activity> = {}) =>
  activity({ status: 'SUBSCRIPTION_CHANGED', subscriptions: ['news'], ...changes });

describe('becomes', () => {
  let bed: Bed;
  beforeEach(async () => (bed = await Bed.open('redis')));
  afterEach(() => bed.close());
  const fired = async () =>
    (await bed.rows()).map(
      (row) => `${row.action} ${String(row.activity.status)} ${String(row.activity.mediaType)} ${row.contact_id}`,
    );

  const blacklisted = actionOf({ name: 'off', when: { becomes: 'blacklisted' } });
  const unsubscribed = actionOf({ name: 'out', when: { becomes: 'unsubscribed' } });
  const reachable = actionOf({ name: 'on', when: { becomes: 'reachable' } });
  const all = [blacklisted, unsubscribed, reachable];

  it('blacklisted fires at the first hard bounce, and not at the next', async () => {
    await bed.plan(all, [bounce(at(0))]);
    await bed.plan(all, [bounce(at(1)), bounce(at(2))]);
    expect(await fired()).to.deep.equal(['off UNDELIVERED email 1']);
  });

  it('fires once for many activities that say so in one batch, for the latest of them', async () => {
    const latest = bounce(at(9));
    await bed.plan(all, [bounce(at(0)), latest, bounce(at(5))]);
    const rows = await bed.rows();
    expect(rows.map(({ activity_key }) => activity_key)).to.deep.equal([latest.key]);
  });

  it('fires once for many workers at once', async () => {
    const bounces = Array.from({ length: 60 }, (_, index) => bounce({ ...at(index), contactId: (index % 3) + 1 }));
    await Promise.all(Array.from({ length: 12 }, (_, worker) => bed.plan(all, bounces.slice(worker * 5, worker * 5 + 5))));
    expect((await fired()).sort()).to.deep.equal([
      'off UNDELIVERED email 1',
      'off UNDELIVERED email 2',
      'off UNDELIVERED email 3',
    ]);
  });

  it('fires again after the flag has turned back', async () => {
    await bed.plan(all, [bounce(at(0))]);
    await bed.plan(all, [activity(at(1))]);
    await bed.plan(all, [bounce(at(2))]);
    expect(await fired()).to.deep.equal(['off UNDELIVERED email 1', 'on DELIVERED email 1', 'off UNDELIVERED email 1']);
  });

  it('fires when another road had told less of the very activity that turns the flag', async () => {
    const told = bounce(at(0));
    await bed.plan(all, [{ ...told, hardBounce: false, statusDescription: null }]);
    expect(await fired()).to.deep.equal([]);
    await bed.plan(all, [told]);
    await bed.plan(all, [told]);
    expect(await fired()).to.deep.equal(['off UNDELIVERED email 1']);
  });

  it('does not fire for what comes late and changes nothing any more', async () => {
    await bed.plan(all, [activity(at(5))]);
    await bed.plan(all, [bounce(at(1))]);
    expect(await fired()).to.deep.equal([]);
  });

  it('unsubscribed fires for an opt-out and for a complaint', async () => {
    await bed.plan(all, [optOut({ contactId: 1 }), activity({ status: 'SPAM', contactId: 2 })]);
    expect((await fired()).sort()).to.deep.equal(['out SPAM email 2', 'out UNSUBSCRIBED email 1']);
  });

  it('reachable fires only once nothing stands in the way any more', async () => {
    await bed.plan(all, [bounce(at(0)), optOut({ ...at(0), mediaType: 'sms' })]);
    await bed.plan(all, [activity(at(1))]);
    expect((await fired()).filter((line) => line.startsWith('on'))).to.deep.equal([]);
    await bed.plan(all, [optIn({ ...at(2), mediaType: 'sms' })]);
    expect((await fired()).filter((line) => line.startsWith('on'))).to.deep.equal(['on SUBSCRIPTION_CHANGED sms 1']);
  });

  it('reachable does not fire for whom nobody knew', async () => {
    await bed.plan(all, [activity(), optIn(at(1))]);
    expect(await fired()).to.deep.equal([]);
  });

  it('is about the contact: a second channel that turns does not fire', async () => {
    await bed.plan(all, [bounce(at(0))]);
    await bed.plan(all, [bounce({ ...at(1), ...sms })]);
    expect(await fired()).to.deep.equal(['off UNDELIVERED email 1']);
  });

  it('with "channel" is about the channel: each fires for itself', async () => {
    const channel = [actionOf({ when: { becomes: 'blacklisted', channel: true } })];
    await bed.plan(channel, [bounce(at(0)), bounce({ ...at(1), ...sms })]);
    await bed.plan(channel, [bounce({ ...at(2), ...sms }), bounce({ ...at(3), mediaType: 'viber' })]);
    expect(await fired()).to.deep.equal(['act UNDELIVERED email 1', 'act UNDELIVERED sms 1', 'act UNDELIVERED viber 1']);
  });

  it('two channels in two workers at once turn the contact once', async () => {
    for (let contactId = 1; contactId <= 20; contactId++)
      await Promise.all([bed.plan(all, [bounce({ contactId })]), bed.plan(all, [bounce({ contactId, ...sms })])]);
    expect(await bed.counts('off')).to.deep.equal({ waiting: 20 });
  });

  it('fires for an activity that turned the flag, never for one that happened to come along', async () => {
    const later = activity({ status: 'READ', ...at(9) });
    const cause = bounce(at(1));
    await bed.plan(all, [cause, later]);
    expect((await bed.rows()).map(({ activity_key }) => activity_key)).to.deep.equal([cause.key]);
    const onEmail = [actionOf({ name: 'email', when: { becomes: 'blacklisted', mediaType: 'email' } })];
    await bed.plan(onEmail, [bounce({ contactId: 2, ...sms }), activity({ contactId: 2, status: 'READ' })]);
    expect(await bed.counts('email')).to.deep.equal({});
  });

  it('combines with the other conditions', async () => {
    const spam = [actionOf({ when: { becomes: 'unsubscribed', status: 'SPAM' } })];
    await bed.plan(spam, [optOut({ contactId: 1 }), activity({ contactId: 2, status: 'SPAM' })]);
    expect(await fired()).to.deep.equal(['act SPAM email 2']);
  });

  it('hands over the contact before and after the batch; before a new one there was nothing', async () => {
    await bed.plan(all, [activity({ contactId: 1, status: 'READ', ...at(0) })]);
    await bed.plan(all, [bounce({ contactId: 1, ...at(1) }), bounce({ contactId: 2, ...at(1) })]);
    const [known, fresh] = (await bed.rows()).sort((a, b) => Number(a.contact_id) - Number(b.contact_id));
    expect(known?.previous).to.include({ blacklisted: false, blacklisted_at: null });
    expect(known?.previous?.last_opened_at).to.be.a('string');
    expect(known?.contact).to.include({ blacklisted: true, blacklist_reason: '5.1.1 no such user' });
    expect(fresh?.previous).to.equal(null);
    expect(fresh?.contact).to.include({ blacklisted: true });
  });

  it('never fires for the anonymous', async () => {
    await bed.plan(all, [bounce({ contactId: null })]);
    expect(await fired()).to.deep.equal([]);
  });
});
