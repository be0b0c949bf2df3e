import { expect } from 'chai';
import type { IncomingMessage } from 'node:http';
import { ConfigurationError } from '../../../packages/shared/src/index.js';
import { clientAddressOf } from '../../../packages/ingress/src/client-address.js';

const from = (remoteAddress: string | undefined, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

describe('The address of a client', () => {
  it('is what a proxy tells that is trusted, and that of the connection where none is', () => {
    const address = clientAddressOf(['10.0.0.0/8']);
    expect(address(from('10.1.2.3', '203.0.113.7'))).to.equal('203.0.113.7');
    expect(address(from('10.1.2.3', '203.0.113.7, 198.51.100.1'))).to.equal('198.51.100.1');
    expect(address(from('198.51.100.1', '203.0.113.7'))).to.equal('198.51.100.1');
    expect(address(from(undefined, '203.0.113.7'))).to.equal(undefined);
  });

  it('cannot be told by what is no address: the configuration is refused', () => {
    expect(() => clientAddressOf(['nowhere'])).to.throw(ConfigurationError, /ingress\.trustedProxies/);
  });
});
