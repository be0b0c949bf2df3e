import { expect } from 'chai';
import {
  decideChannel,
  decideContact,
  usualOptIn,
  type DecidedChannel,
  type Moments,
} from '../../../packages/worker/src/projection/decide.js';

/** Times in hours, for they only have to be earlier, equal or later. */
const [morning, noon, evening] = [8, 12, 18] as const;
const free = { blacklisted: false, unsubscribed: false, mayWrite: true, optedOutAt: undefined };
const optedOut = (optedOutAt: number) => ({ blacklisted: false, unsubscribed: true, mayWrite: false, optedOutAt });

describe('a channel', () => {
  const channel = (own: Moments, contact: Moments = {}, optIn = usualOptIn) => decideChannel(own, contact, optIn);

  it('may be written to while nothing stands against it', () => {
    expect(channel({})).to.deep.equal(free);
    expect(channel({ last_delivered_at: noon }, { resubscribed_at: morning })).to.deep.equal(free);
  });

  it('is blacklisted until something is delivered through it after the bounce; at the same time it stays so', () => {
    const blocked = { ...free, blacklisted: true, mayWrite: false };
    expect(channel({ blacklisted_at: noon })).to.deep.equal(blocked);
    expect(channel({ blacklisted_at: noon, last_delivered_at: morning })).to.deep.equal(blocked);
    expect(channel({ blacklisted_at: noon, last_delivered_at: noon })).to.deep.equal(blocked);
    expect(channel({ blacklisted_at: noon, last_delivered_at: evening })).to.deep.equal(free);
  });

  it('is unsubscribed until a later choice, at the same time too, and for good where the source says that no choice ends it', () => {
    const left = { unsubscribed_at: noon };
    expect(channel(left)).to.deep.equal(optedOut(noon));
    expect(channel(left, { resubscribed_at: morning })).to.deep.equal(optedOut(noon));
    expect(channel(left, { resubscribed_at: noon })).to.deep.equal(optedOut(noon));
    expect(channel(left, { resubscribed_at: evening })).to.deep.equal(free);
    const never = { ...usualOptIn, endsUnsubscribed: false };
    expect(channel(left, { resubscribed_at: evening }, never)).to.deep.equal(optedOut(noon));
  });

  it('keeps a complaint, unless the source says that a choice ends it', () => {
    const complained = { spam_reported_at: noon };
    expect(channel(complained, { resubscribed_at: evening })).to.deep.equal(optedOut(noon));
    const ended = { ...usualOptIn, endsComplaint: true };
    expect(channel(complained, { resubscribed_at: evening }, ended)).to.deep.equal(free);
    expect(channel(complained, { resubscribed_at: noon }, ended)).to.deep.equal(optedOut(noon));
  });

  it('is left with all others when its contact gave up everything, until a later choice whatever the source says', () => {
    expect(channel({}, { opted_out_at: noon })).to.deep.equal(optedOut(noon));
    expect(channel({}, { opted_out_at: noon, resubscribed_at: noon })).to.deep.equal(optedOut(noon));
    const never = { endsUnsubscribed: false, endsComplaint: false };
    expect(channel({}, { opted_out_at: noon, resubscribed_at: evening }, never)).to.deep.equal(free);
  });

  it('was opted out when the latest of the opt-outs that hold came', () => {
    const all = { unsubscribed_at: morning, spam_reported_at: noon };
    expect(channel(all, { opted_out_at: evening })).to.deep.equal(optedOut(evening));
    expect(channel(all)).to.deep.equal(optedOut(noon));
    expect(channel({ unsubscribed_at: evening, spam_reported_at: noon })).to.deep.equal(optedOut(evening));
    expect(channel({ ...all, blacklisted_at: noon })).to.deep.equal({ ...optedOut(noon), blacklisted: true });
  });
});

describe('a contact', () => {
  const of = (mediaType: string, own: Moments, blacklistReason: string | null = null): DecidedChannel => ({
    ...{ mediaType, blacklistReason, blacklistedAt: own.blacklisted_at },
    verdict: decideChannel(own, {}, usualOptIn),
  });
  const free = { blacklisted: false, blacklistedAt: undefined, blacklistReason: null };
  const reachable = { unsubscribed: false, unsubscribedAt: undefined };

  it('without any channel is free, unless it gave up everything', () => {
    expect(decideContact([], {})).to.deep.equal({ ...free, ...reachable, reachable: [] });
    const left = { ...free, unsubscribed: true, unsubscribedAt: noon, reachable: [] };
    expect(decideContact([], { opted_out_at: noon })).to.deep.equal(left);
    expect(decideContact([], { opted_out_at: noon, resubscribed_at: evening })).to.deep.equal({
      ...free,
      ...reachable,
      reachable: [],
    });
  });

  it('may be reached by the channels that may be written to, sorted by bytes', () => {
    const channels = [
      of('\u{1F600}', {}),
      of('viber', { unsubscribed_at: noon }),
      of('\u{FFFD}', {}),
      of('email', {}),
      of('Sms', {}),
    ];
    expect(decideContact(channels, {})).to.deep.equal({
      ...free,
      ...{ unsubscribed: true, unsubscribedAt: noon },
      reachable: ['Sms', 'email', '\u{FFFD}', '\u{1F600}'],
    });
  });

  it('is blacklisted since its latest block that holds, for the reason of that one: a channel that is free again has no say', () => {
    const channels = [
      of('email', { blacklisted_at: morning }, 'no such user'),
      of('viber', { blacklisted_at: noon, last_delivered_at: evening }, 'zzz of what is over'),
      of('sms', {}),
    ];
    expect(decideContact(channels, {})).to.include({
      blacklisted: true,
      blacklistedAt: morning,
      blacklistReason: 'no such user',
    });
  });

  it('gives of several blocks of one moment the greatest reason by bytes, and one rather than none', () => {
    const blocked = (mediaType: string, reason: string | null, at: number = noon) =>
      of(mediaType, { blacklisted_at: at }, reason);
    const reasonOf = (...channels: DecidedChannel[]) => decideContact(channels, {}).blacklistReason;
    expect(reasonOf(blocked('a', '\u{1F600}'), blocked('b', '\u{FFFD}'), blocked('c', null))).to.equal('\u{1F600}');
    expect(reasonOf(blocked('a', '\u{FFFD}'), blocked('b', '\u{1F600}'))).to.equal('\u{1F600}');
    expect(reasonOf(blocked('a', 'zzz', morning), blocked('b', 'aaa'))).to.equal('aaa');
    expect(reasonOf(blocked('a', null))).to.equal(null);
  });

  it('is unsubscribed since the latest opt-out of all its channels and its own', () => {
    const channels = [of('email', { unsubscribed_at: morning }), of('sms', { spam_reported_at: noon })];
    expect(decideContact(channels, {})).to.include({ unsubscribed: true, unsubscribedAt: noon });
    expect(decideContact(channels, { opted_out_at: evening })).to.include({ unsubscribedAt: evening });
    expect(decideContact(channels, { opted_out_at: 1, resubscribed_at: 2 })).to.include({ unsubscribedAt: noon });
  });
});
