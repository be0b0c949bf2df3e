import { expect } from 'chai';
import { messageOf } from '../../../packages/shared/src/errors.js';

describe('the message of what was thrown', () => {
  it('is its own', () => {
    expect(messageOf(new Error('no room'))).to.equal('no room');
    expect(messageOf('no room')).to.equal('no room');
  });

  it('is that of every try where there were several', () => {
    expect(messageOf(new AggregateError([new Error('IPv6'), new Error('IPv4')]))).to.equal('IPv6; IPv4');
  });

  it('is the cause where fetch failed', async () => {
    const error: unknown = await fetch('http://127.0.0.1:1').catch((thrown: unknown) => thrown);
    expect(messageOf(error)).to.match(/bad port/);
    const refused: unknown = await fetch('http://127.0.0.1:2').catch((thrown: unknown) => thrown);
    expect(messageOf(refused)).to.match(/ECONNREFUSED/);
  });
});
